using System.Diagnostics;

namespace Streaming.Benchmarks.Servers;

/// <summary>This very program started again as the <see cref="BareEndpoint"/>, in a process of its own.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private BareServer(int port)
    {
        Port = port;
        Process = OwnProgram.Start("the bare endpoint", ["bare", "--port", $"{port}"], new Dictionary<string, string>());
    }

    public int Port { get; }
    public ChildProcess Process { get; }
    public TimeSpan StartTime { get; private set; }

    public static async Task<BareServer> StartAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var server = new BareServer(LoopbackPort.Free());
        try
        {
            using var api = new StreamingApi(server.Port);
            await api.WaitUntilAnsweringAsync(server.Process, StartTimeout, cancellationToken);
            server.StartTime = Stopwatch.GetElapsedTime(started);
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
