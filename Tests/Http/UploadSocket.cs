using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>An upload whose bytes the test sends when it wants to.</summary>
internal sealed class UploadSocket : IDisposable
{
    private const string Boundary = "a-boundary-of-these-tests";

    private readonly TcpClient client = new();
    private StreamReader reader = StreamReader.Null;

    public static byte[] Form(byte[] file) =>
    [
        .. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA title\r\n--{Boundary}\r\nContent-Disposition: form-data; name=\"video\"; filename=\"a.mp4\"\r\n\r\n"),
        .. file,
        .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
    ];

    /// <summary>Sends the request's head.</summary>
    public static async Task<UploadSocket> OpenAsync(Uri server, Person person, long length, string headers = "")
    {
        var upload = new UploadSocket();
        await upload.client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        upload.reader = new StreamReader(upload.client.GetStream(), Encoding.UTF8);
        await upload.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /api/videos/upload HTTP/1.1\r\nHost: {server.Authority}\r\n{person.Token.Name}: {person.Token.Value}\r\n"
            + $"Content-Type: multipart/form-data; boundary={Boundary}\r\nContent-Length: {length}\r\n{headers}\r\n"));
        return upload;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await client.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);

    public void EndSending() => client.Client.Shutdown(SocketShutdown.Send);

    public async Task<string?> ReadLineAsync() => await reader.ReadLineAsync(TestContext.Current.CancellationToken);

    /// <summary>An answer of a known length, or of one chunk: its head and its body.</summary>
    public async Task<string> ReadAnswerAsync()
    {
        var answer = new StringBuilder();
        int? length = null;
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            answer.AppendLine(line);
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(line["Content-Length:".Length..], null);
        }

        var body = new char[length ?? int.Parse((await ReadLineAsync())!, System.Globalization.NumberStyles.HexNumber, null)];
        await reader.ReadBlockAsync(body, TestContext.Current.CancellationToken);
        // After a chunk come its end, the last chunk, which is empty, and its end.
        for (var lines = length is null ? 3 : 0; lines > 0; lines--)
            await ReadLineAsync();

        return answer.Append(body).ToString();
    }

    public void Dispose()
    {
        reader.Dispose();
        client.Dispose();
    }
}
