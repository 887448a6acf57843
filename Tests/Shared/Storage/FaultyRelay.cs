using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Streaming.Tests.Storage;

/// <summary>A port in front of a server, passing everything on until a test lets it hang, as a paused server does, or go away.</summary>
internal sealed class FaultyRelay : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly string host;
    private readonly int serverPort;
    private volatile TaskCompletionSource flowing = new();

    public FaultyRelay(string host, int serverPort)
    {
        (this.host, this.serverPort) = (host, serverPort);
        flowing.SetResult();
        listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>One in front of a PostgreSQL, and the connection string that leads through it.</summary>
    public static (FaultyRelay Relay, string ConnectionString) To(string connectionString)
    {
        var server = new NpgsqlConnectionStringBuilder(connectionString);
        var relay = new FaultyRelay(server.Host!, server.Port);
        (server.Host, server.Port) = ("127.0.0.1", relay.Port);
        return (relay, server.ConnectionString);
    }

    /// <summary>Connections stay and new ones are taken; nothing is passed on.</summary>
    public void Hang() => flowing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Flow() => flowing.TrySetResult();

    /// <summary>Ends all connections and refuses new ones, for good.</summary>
    public void GoAway()
    {
        stopping.Cancel();
        listener.Stop();
        foreach (var socket in sockets)
            socket.Dispose();

        flowing.TrySetResult();
    }

    public void Dispose() => GoAway();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = PassAsync(await listener.AcceptSocketAsync(stopping.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It went away.
        }
    }

    private async Task PassAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        sockets.Add(client);
        sockets.Add(server);
        try
        {
            await server.ConnectAsync(host, serverPort, stopping.Token);
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side has closed.
        }

        client.Dispose();
        server.Dispose();
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            while (await from.ReceiveAsync(buffer, stopping.Token) is > 0 and var read)
            {
                await flowing.Task;
                await to.SendAsync(buffer.AsMemory(0, read), stopping.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side has closed.
        }
    }
}
