using Streaming.Benchmarks.Hosts;

namespace Streaming.Benchmarks.Servers;

/// <summary>This very program started again as the <see cref="RedisEndpoint"/>, with the front's runtime settings.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private RedisServer(int port, string redis)
    {
        Port = port;
        Process = OwnProgram.Start(
            "the Redis endpoint", ["redis", "--port", $"{port}"],
            new Dictionary<string, string> { [RedisEndpoint.Connection] = redis }, "Streaming.WebFront");
    }

    public int Port { get; }
    public ChildProcess Process { get; }

    public static async Task<RedisServer> StartAsync(string redis, CancellationToken cancellationToken)
    {
        var server = new RedisServer(LoopbackPort.Free(), redis);
        try
        {
            using var api = new StreamingApi(server.Port);
            await api.WaitUntilAnsweringAsync(server.Process, StartTimeout, cancellationToken, "/health/live");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
