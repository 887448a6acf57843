using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.MongoDouble;

/// <summary>A test double of a MongoDB server on loopback; README.md says what it knows and what it proves.</summary>
public sealed class MongoDoubleServer : IAsyncDisposable
{
    private const int MaxConnections = 500;
    private static readonly TimeSpan MaxMessageTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxStop = TimeSpan.FromSeconds(10);

    private readonly TcpListener listener;
    private readonly Commands commands;
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<Task, bool> connections = [];
    private readonly Task accepting;

    private MongoDoubleServer(int port, MongoDoubleData data)
    {
        commands = new Commands(data);
        listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <param name="port">0 takes a free one.</param>
    /// <param name="data">What another server has left; nothing without it.</param>
    public static MongoDoubleServer Start(int port = 0, MongoDoubleData? data = null) => new(port, data ?? new MongoDoubleData());

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(connections.Keys).WaitAsync(MaxStop);
        stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptSocketAsync(stopping.Token);
                if (connections.Count >= MaxConnections)
                {
                    client.Dispose();
                    continue;
                }

                var connection = Task.Run(() => ServeAsync(client));
                connections.TryAdd(connection, true);
                _ = connection.ContinueWith(done => connections.TryRemove(done, out _), TaskScheduler.Default);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // It stops, or a client went away before it was taken.
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        client.NoDelay = true;
        using var stream = new NetworkStream(client, ownsSocket: true);
        try
        {
            var header = new byte[Wire.HeaderSize];
            while (true)
            {
                await stream.ReadExactlyAsync(header, stopping.Token);
                using var late = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
                late.CancelAfter(MaxMessageTime);
                var message = new byte[Wire.ReadLength(header)];
                header.CopyTo(message, 0);
                await stream.ReadExactlyAsync(message.AsMemory(Wire.HeaderSize), late.Token);
                var (command, answer) = Wire.Read(message);
                var result = commands.Run(command);
                if (answer is not null)
                    await stream.WriteAsync(answer(result), late.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException or FormatException or ObjectDisposedException)
        {
            // The client has gone, talks no protocol of MongoDB's, or the server stops: the connection ends.
        }
    }
}
