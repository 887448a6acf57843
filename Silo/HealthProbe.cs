using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Silo;

/// <summary>
/// Asks the program of the same container for its health, as <c>probe PORT PATH</c>: the images have no curl, and that of the
/// silo no shell either. Ends with 0 where the answer is 200.
/// </summary>
public static class HealthProbe
{
    public const string Command = "probe";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var portText, ['/', ..] path] || !ushort.TryParse(portText, CultureInfo.InvariantCulture, out var port))
            return Fail($"Say which port and which path to ask: {Command} 3001 /health/ready");

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\n\r\n"), patience.Token);
            using var reader = new StreamReader(stream);
            var status = (await reader.ReadLineAsync(patience.Token))?.Split(' ') is [_, var code, ..] ? code : "nothing";
            return status == "200" ? 0 : Fail($"{path} answers {status}.");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return Fail($"Nobody answers at port {port}: {e.Message}.");
        }
        catch (OperationCanceledException)
        {
            return Fail($"{path} did not answer within {Patience.TotalSeconds} s.");
        }
    }

    private static int Fail(string reason)
    {
        Console.Error.WriteLine(reason);
        return 1;
    }
}
