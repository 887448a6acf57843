using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>A plain HTTP client, of the many that send a whole request before they read a byte of the answer.</summary>
internal static class PlainClient
{
    private const int Piece = 256 * 1024;

    /// <summary>Sends a body of so many bytes; answers with the answer's head and body as they came, until the server ends the connection.</summary>
    public static async Task<string> SendAsync(Uri server, string request, int bytes, bool isChunked = false, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var length = isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {bytes}";
        await WriteAsync(stream, $"{request} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n{length}\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");
        var piece = new byte[Piece];
        for (var left = bytes; left > 0; left -= Piece)
        {
            var size = Math.Min(left, Piece);
            if (isChunked)
                await WriteAsync(stream, size.ToString("x", CultureInfo.InvariantCulture) + "\r\n");

            await stream.WriteAsync(piece.AsMemory(0, size), TestContext.Current.CancellationToken);
            if (isChunked)
                await WriteAsync(stream, "\r\n");
        }

        if (isChunked)
            await WriteAsync(stream, "0\r\n\r\n");

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private static ValueTask WriteAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
}
