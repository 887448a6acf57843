using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>
/// A request whose length the server learns only as it reads, and whose end it waits for in vain: it must refuse it on
/// the way. Over a socket, since a client that is still sending can lose the refusal with the connection.
/// </summary>
internal static class UnfinishedRequest
{
    public static async Task<Answer> SendAsync(Uri server, string path, string body)
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancellation);
        await using var stream = client.GetStream();
        var request = $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nOrigin: null\r\nContent-Type: application/json\r\n"
            + $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), cancellation);

        using var reader = new StreamReader(stream, Encoding.UTF8);
        var status = await reader.ReadLineAsync(cancellation);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(cancellation) is { Length: > 0 } line)
            headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..];

        // One chunk: its length, then the JSON, which has no line breaks.
        await reader.ReadLineAsync(cancellation);
        var text = await reader.ReadLineAsync(cancellation);
        return new Answer($"POST {path}", int.Parse(status!.Split(' ')[1], null), headers.GetValueOrDefault("Content-Type"), headers, text ?? "");
    }
}
