using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.Storage;

/// <summary>
/// A port in front of a server that passes everything on until it is told to hang: from then on connections are still
/// taken and nothing comes back, as from a server that is stopped or out of processor time.
/// </summary>
internal sealed class HangingRelay : IAsyncDisposable
{
    private readonly string host;
    private readonly int serverPort;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> connections = [];
    private readonly Task accepting;
    private volatile TaskCompletionSource passing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HangingRelay(string host, int serverPort)
    {
        (this.host, this.serverPort) = (host, serverPort);
        passing.SetResult();
        listener.Start();
        accepting = Task.Run(AcceptAsync);
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void Hang() => passing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held back goes on its way.</summary>
    public void Resume() => passing.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await accepting;
        await Task.WhenAll(connections);
        listener.Dispose();
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                connections.Add(PassAsync(await listener.AcceptTcpClientAsync(stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        using (client)
        using (var server = new TcpClient { NoDelay = true })
        {
            try
            {
                client.NoDelay = true;
                await passing.Task.WaitAsync(ended.Token);
                await server.ConnectAsync(host, serverPort, ended.Token);
                var (here, there) = (client.GetStream(), server.GetStream());
                await await Task.WhenAny(PassAsync(here, there, ended.Token), PassAsync(there, here, ended.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One side has closed.
            }

            await ended.CancelAsync();
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            await passing.Task.WaitAsync(cancellationToken);
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
