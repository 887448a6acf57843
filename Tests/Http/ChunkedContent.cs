namespace Streaming.Tests.Http;

/// <summary>Content whose length is not told beforehand.</summary>
internal sealed class ChunkedContent : HttpContent
{
    private readonly HttpContent content;

    public ChunkedContent(HttpContent content)
    {
        this.content = content;
        Headers.ContentType = content.Headers.ContentType;
    }

    protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => content.CopyToAsync(stream);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        content.Dispose();
        base.Dispose(disposing);
    }
}
