using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Processes;

/// <summary>
/// An upload over a socket of its own that stops in the middle until the test says more, so that something can happen there.
/// Whoever takes it may die meanwhile.
/// </summary>
internal sealed class UnfinishedUpload : IDisposable
{
    private const string Boundary = "an-upload-of-a-test-5f3c";
    private static readonly byte[] End = Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n");
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    private readonly TcpClient client = new() { NoDelay = true };
    private readonly bool saysLength;
    private readonly byte[] file;
    private int sent;

    private UnfinishedUpload(byte[] file, bool saysLength)
    {
        this.file = file;
        this.saysLength = saysLength;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Sends everything up to the file.</summary>
    /// <param name="saysLength">With a Content-Length, and otherwise in chunks.</param>
    public static async Task<UnfinishedUpload> BeginAsync(Uri server, string token, byte[] file, string title, bool saysLength = true)
    {
        var upload = new UnfinishedUpload(file, saysLength);
        try
        {
            var form = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n{title}\r\n"
                + $"--{Boundary}\r\nContent-Disposition: form-data; name=\"video\"; filename=\"clip.mp4\"\r\nContent-Type: video/mp4\r\n\r\n";
            var length = saysLength ? $"Content-Length: {form.Length + file.Length + End.Length}" : "Transfer-Encoding: chunked";
            var head = $"POST /api/videos/upload HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {token}\r\n"
                + $"Content-Type: multipart/form-data; boundary={Boundary}\r\n{length}\r\n\r\n";
            await upload.client.ConnectAsync(server.Host, server.Port, Cancel);
            await upload.client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
            await upload.WriteAsync(Encoding.ASCII.GetBytes(form));
            return upload;
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>Sends so many bytes more of the file.</summary>
    public async Task SendAsync(int bytes)
    {
        await WriteAsync(file.AsMemory(sent, bytes));
        sent += bytes;
    }

    /// <summary>The same; when nobody takes it any more, <see cref="AnswerAsync"/> says it.</summary>
    public Task TrySendAsync(int bytes) => TryAsync(() => SendAsync(bytes));

    /// <summary>Sends what is left, or as much of it as is taken.</summary>
    public Task SendRestAsync() => TryAsync(async () =>
    {
        await SendAsync(file.Length - sent);
        await WriteAsync(End);
        if (!saysLength)
            await client.GetStream().WriteAsync("0\r\n\r\n"u8.ToArray(), Cancel);
    });

    /// <summary>The status and the first lines of what is answered; 0 when the connection ends without an answer.</summary>
    public async Task<(int Status, string Text)> AnswerAsync()
    {
        var buffer = new byte[16 * 1024];
        var received = 0;
        try
        {
            // A body comes with its head, or right after it; who reads it wants to know why a test fails.
            do
            {
                var more = await client.GetStream().ReadAsync(buffer.AsMemory(received), Cancel).AsTask().WaitAsync(AnswerTimeout, Cancel);
                if (more == 0)
                    break;

                received += more;
            }
            while (!buffer.AsSpan(0, received).EndsWith("}"u8) && !buffer.AsSpan(0, received).EndsWith("0\r\n\r\n"u8));
        }
        catch (IOException)
        {
            // Reset.
        }

        var text = Encoding.UTF8.GetString(buffer, 0, received);
        return (received > 12 ? int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture) : 0, text);
    }

    public void Dispose() => client.Dispose();

    private static async Task TryAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (IOException)
        {
            // The connection is gone, perhaps with an answer in it.
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var stream = client.GetStream();
        if (saysLength)
        {
            await stream.WriteAsync(bytes, Cancel);
            return;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), Cancel);
        await stream.WriteAsync(bytes, Cancel);
        await stream.WriteAsync("\r\n"u8.ToArray(), Cancel);
    }
}
