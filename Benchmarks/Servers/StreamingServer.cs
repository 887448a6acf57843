using System.Diagnostics;
using System.Globalization;

namespace Streaming.Benchmarks.Servers;

/// <summary>The server that is measured, on a data folder of the caller's.</summary>
internal sealed class StreamingServer : IAsyncDisposable
{
    private StreamingServer(int port, ChildProcess process)
    {
        Port = port;
        Process = process;
        Api = new StreamingApi(port);
    }

    public int Port { get; }
    public ChildProcess Process { get; }
    public StreamingApi Api { get; }

    /// <summary>From the start of the process to its first 200.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Starts a server, runs <paramref name="work"/> against it and ends it; a failure shows what the server wrote last.</summary>
    public static async Task<T> UseAsync<T>(ServerLaunch launch, Func<StreamingServer, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var server = Start(launch, out var started);
        try
        {
            await server.Api.WaitUntilAnsweringAsync(server.Process, launch.StartTimeout, cancellationToken);
            server.StartTime = Stopwatch.GetElapsedTime(started);
            return await work(server);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(server.Process.Output);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Process.DisposeAsync();
    }

    private static StreamingServer Start(ServerLaunch launch, out long started)
    {
        var port = LoopbackPort.Free();
        var environment = new Dictionary<string, string>(launch.Settings)
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Storage__Path"] = launch.Folder.Path,
            ["RateLimits__Enabled"] = "false",
        };
        if (launch.Titles is { } titles)
            environment["Seed__Titles"] = titles.ToString(CultureInfo.InvariantCulture);

        started = Stopwatch.GetTimestamp();
        return new StreamingServer(port, new ChildProcess("the server", launch.Assembly, [], environment));
    }
}
