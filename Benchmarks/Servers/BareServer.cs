using System.Diagnostics;

namespace Streaming.Benchmarks.Servers;

/// <summary>This very program started again as the <see cref="BareEndpoint"/>, in a process of its own.</summary>
internal sealed class BareServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private BareServer(int port, DataFolder? folder)
    {
        Port = port;
        string[] keeps = folder is null ? [] : ["--folder", folder.Path];
        Process = OwnProgram.Start("the bare endpoint", ["bare", "--port", $"{port}", .. keeps], new Dictionary<string, string>());
    }

    public int Port { get; }
    public ChildProcess Process { get; }
    public TimeSpan StartTime { get; private set; }

    public static Task<BareServer> StartAsync(CancellationToken cancellationToken) => StartAsync(null, cancellationToken);

    /// <param name="folder">Where it keeps what is posted; null for what only answers.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<BareServer> StartAsync(DataFolder? folder, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var server = new BareServer(LoopbackPort.Free(), folder);
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
