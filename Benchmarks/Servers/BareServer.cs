using System.Diagnostics;

namespace Streaming.Benchmarks.Servers;

/// <summary>This very program started again as the <see cref="BareEndpoint"/>, in a process of its own.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);
    private readonly ChildProcess _process;

    private BareServer(int port)
    {
        Port = port;
        var assembly = Path.Combine(AppContext.BaseDirectory, $"{typeof(BareServer).Assembly.GetName().Name}.dll");
        _process = new ChildProcess("the bare endpoint", assembly, ["bare", "--port", $"{port}"], new Dictionary<string, string>());
    }

    public int Port { get; }
    public TimeSpan StartTime { get; private set; }

    public static async Task<BareServer> StartAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var server = new BareServer(LoopbackPort.Free());
        try
        {
            using var api = new StreamingApi(server.Port);
            await api.WaitUntilAnsweringAsync(server._process, StartTimeout, cancellationToken);
            server.StartTime = Stopwatch.GetElapsedTime(started);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public void ThrowIfExited() => _process.ThrowIfExited();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
