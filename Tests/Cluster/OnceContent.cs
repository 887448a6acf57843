using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Streaming.Tests.Processes;

/// <summary>A body that is sent once: HttpClient repeats requests on its own when a connection ends early, and a view would count twice.</summary>
internal sealed class OnceContent : HttpContent
{
    private readonly byte[] body;
    private int sent;

    public OnceContent(string json)
    {
        body = Encoding.UTF8.GetBytes(json);
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    /// <summary>Whether the server may have seen it.</summary>
    public bool IsSent => Volatile.Read(ref sent) == 1;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        if (Interlocked.Exchange(ref sent, 1) == 1)
            throw new HttpRequestException("The request was sent before.");

        await stream.WriteAsync(body);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
