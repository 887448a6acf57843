using System.Net;
using System.Net.Http.Headers;

namespace Streaming.Media;

/// <summary>The form with a file, or with a part of one. Read from the disk each time that it is sent.</summary>
internal sealed class CloudinaryUpload : MultipartFormDataContent
{
    private readonly FilePart part;

    public CloudinaryUpload(string path, long from, long length, IEnumerable<KeyValuePair<string, string>> fields)
    {
        foreach (var (name, value) in fields)
            Add(new StringContent(value), name);

        part = new FilePart(path, from, length);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        Add(part, "file", "video");
    }

    /// <summary>Whether some attempt sent all of it, and had no answer.</summary>
    public bool MayHaveArrived { get; private set; }

    /// <summary>Makes it a part of an upload in several requests.</summary>
    public void Continue(string uploadId, long total)
    {
        Headers.Add("X-Unique-Upload-Id", uploadId);
        Headers.ContentRange = new ContentRangeHeaderValue(part.From, part.From + part.Length - 1, total);
    }

    /// <summary>Sees each attempt, whoever repeats them.</summary>
    public sealed class Attempts : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isAnswered = false;
            var upload = request.Content as CloudinaryUpload;
            upload?.part.IsSent = false;
            try
            {
                var response = await base.SendAsync(request, cancellationToken);
                isAnswered = response.StatusCode != HttpStatusCode.GatewayTimeout;
                return response;
            }
            finally
            {
                if (!isAnswered && upload is { part.IsSent: true })
                    upload.MayHaveArrived = true;
            }
        }
    }

    private sealed class FilePart(string path, long from, long length) : HttpContent
    {
        private const int Buffer = 128 << 10;

        public long From => from;

        public long Length => length;

        public bool IsSent { get; set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            var buffer = new byte[Buffer];
            using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
            for (long sent = 0; sent < length;)
            {
                var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(Buffer, length - sent)), from + sent, cancellationToken);
                if (read == 0)
                    throw new IOException("A file that is being uploaded has become shorter.");

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                sent += read;
            }

            IsSent = true;
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
