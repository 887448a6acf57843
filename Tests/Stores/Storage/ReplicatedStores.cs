using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Storage;
using Streaming.Storage.Servers;

namespace Streaming.Tests.Storage;

/// <summary>The stores of people over the analytics master and its replica, and what they say of the replica.</summary>
internal sealed class ReplicatedStores : IAsyncDisposable
{
    private readonly Lines lines = new();

    private ReplicatedStores(ConnectionOptions options, int maxLagSeconds)
    {
        Connections = new ServerConnections(options);
        Reader = new ReplicaReader(
            Connections, Options.Create(new StorageOptions { ReplicaMaxLagSeconds = maxLagSeconds }), Loops.OfTests(), TimeProvider.System, lines);
        Users = new PostgresUserStore(Connections, Reader);
        Activity = new PostgresActivityStore(Connections, Reader);
    }

    public ServerConnections Connections { get; }

    public ReplicaReader Reader { get; }

    public PostgresUserStore Users { get; }

    public PostgresActivityStore Activity { get; }

    /// <summary>What was logged at Information and above.</summary>
    public string[] Log => lines.ToArray();

    public static ReplicatedStores Open(Action<ConnectionOptions>? change = null, int maxLagSeconds = 5)
    {
        var options = new ConnectionOptions
        {
            Metadata = TestServers.Metadata,
            Analytics = TestServers.Analytics,
            AnalyticsReplica = TestServers.Replica,
            Mongo = "mongodb://127.0.0.1:1/streaming_test",
        };
        change?.Invoke(options);
        return new ReplicatedStores(options, maxLagSeconds);
    }

    public Task StartAsync() => Reader.StartAsync(CancellationToken.None);

    public Task UntilUsableAsync() => Poll.UntilAsync(() => Task.FromResult(Reader.IsUsable ? null : $"the replica is not used: {string.Join(" / ", Log)}"));

    public async ValueTask DisposeAsync()
    {
        await Reader.StopAsync(CancellationToken.None);
        Reader.Dispose();
        await Connections.DisposeAsync();
    }

    private sealed class Lines : ILogger<ReplicaReader>
    {
        private readonly List<string> lines = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.Add(formatter(state, exception));
        }

        public string[] ToArray()
        {
            lock (lines)
                return [.. lines];
        }
    }
}
