using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.Storage;

/// <summary>What becomes of a COMMIT whose sender never gets the answer.</summary>
public enum LostCommit
{
    /// <summary>The connection ended before it came through.</summary>
    NotMade,

    /// <summary>It was made, and the connection ended before the answer came back.</summary>
    Made,
}

/// <summary>A port in front of PostgreSQL, passing everything on, that ends a connection over its COMMIT when it is told to.</summary>
internal sealed class CommitRelay(string host, int serverPort) : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> connections = [];
    private Task accepting = Task.CompletedTask;
    private volatile object? next;

    /// <summary>Listens from now on.</summary>
    public int Start()
    {
        listener.Start();
        accepting = Task.Run(AcceptAsync);
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The next COMMIT of any connection is lost so.</summary>
    public void LoseNext(LostCommit how) => next = how;

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
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(host, serverPort, ended.Token);
                var (requests, answers) = (client.GetStream(), server.GetStream());
                var losing = new TaskCompletionSource();
                await await Task.WhenAny(PassRequestsAsync(requests, answers, losing, ended.Token), PassAnswersAsync(answers, requests, losing.Task, ended.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // One side has closed.
            }

            await ended.CancelAsync();
        }
    }

    private async Task PassRequestsAsync(NetworkStream from, NetworkStream to, TaskCompletionSource losing, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            // With its end: a transaction's isolation level begins so, too.
            if (next is LostCommit how && buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0)
            {
                next = null;
                if (how == LostCommit.NotMade)
                    return;

                losing.SetResult();
            }

            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static async Task PassAnswersAsync(NetworkStream from, NetworkStream to, Task losing, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var read && !losing.IsCompleted)
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
    }
}
