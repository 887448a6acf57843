using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>Bytes over a socket, for what no client library sends.</summary>
internal static class RawRequest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends text and reads until the server ends the connection; null when it ends it without an answer.</summary>
    public static async Task<Answer?> SendAsync(Uri server, string request)
    {
        using var client = await ConnectAsync(server, request);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var received = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(received, patience.Token);
        }
        catch (IOException)
        {
            // The connection was reset: what came before is the answer.
        }

        return received.Length == 0 ? null : Read(request[..Math.Min(80, request.Length)], Encoding.UTF8.GetString(received.ToArray()));
    }

    /// <summary>Sends text and breaks the connection off.</summary>
    public static async Task ResetAsync(Uri server, string request)
    {
        using var client = await ConnectAsync(server, request);
        client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
    }

    private static async Task<TcpClient> ConnectAsync(Uri server, string request)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        return client;
    }

    private static Answer Read(string request, string text)
    {
        var (head, body) = Split(text, "\r\n\r\n");
        var (status, lines) = Split(head, "\r\n");
        var headers = lines.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => Split(line, ": "))
            .ToDictionary(line => line.Before, line => line.After, StringComparer.OrdinalIgnoreCase);
        if (headers.ContainsKey("Transfer-Encoding"))
        {
            // One chunk: its length, then the text.
            var (length, rest) = Split(body, "\r\n");
            body = rest[..int.Parse(length, NumberStyles.HexNumber, CultureInfo.InvariantCulture)];
        }

        return new Answer(request, int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture), headers.GetValueOrDefault("Content-Type"), headers, body);
    }

    private static (string Before, string After) Split(string text, string separator)
    {
        var parts = text.Split(separator, 2);
        return (parts[0], parts.Length == 2 ? parts[1] : "");
    }
}
