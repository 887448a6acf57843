using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Streaming.Silo.Commands;

/// <summary>
/// The command that asks the program of the same container for its health: the images have no curl, and that of the silo no
/// shell either. Ends with 0 where the answer is 200.
/// </summary>
public static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static ProgramCommand Command { get; } = new(
        "probe", ["PORT", "PATH"], "asks the program at that port of this machine for its health, as probe 3001 /health/ready",
        (arguments, cancellationToken) => AskAsync(arguments.Words[0], arguments.Words[1], cancellationToken));

    /// <exception cref="StartupException">The answer is another than 200, or none.</exception>
    internal static async Task AskAsync(string portText, string path, CancellationToken cancellationToken)
    {
        if (!path.StartsWith('/') || !ushort.TryParse(portText, CultureInfo.InvariantCulture, out var port))
            throw new StartupException($"'{portText} {path}' is no port and path, such as 3001 /health/ready.");

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        string status;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\n\r\n"), patience.Token);
            using var reader = new StreamReader(stream);
            status = (await reader.ReadLineAsync(patience.Token))?.Split(' ') is [_, var code, ..] ? code : "nothing";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new StartupException($"Nobody answers at port {port}: {e.Message}.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartupException($"{path} did not answer within {Patience.TotalSeconds} s.", e);
        }

        if (status != "200")
            throw new StartupException($"{path} answers {status}.");
    }
}
