using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Streaming.Storage;
using Streaming.Storage.Servers;
using Streaming.Tests.Processes;

namespace Streaming.Tests.Storage;

[Collection(ServersTests.Name)]
public sealed class ServersStartupTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_forgets_commits_is_refused()
    {
        var metadata = TestServers.Metadata;
        await StartAsync(metadata);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync($"{metadata};Options=-c synchronous_commit=off"));

        Assert.Contains("synchronous_commit is off", refusal.Message, StringComparison.Ordinal);
        await StartAsync($"{metadata};Options=-c synchronous_commit=local");
    }

    [Fact]
    public async Task Where_administrators_migrate_a_start_only_checks_that_it_was_done()
    {
        await StartAsync(TestServers.Metadata);
        await StartAsync(TestServers.Metadata, new StorageOptions { Migrate = false });
        var schema = $"empty_{Guid.NewGuid():N}";
        await using var database = NpgsqlDataSource.Create(TestServers.Metadata);
        await ExecuteAsync(database, $"CREATE SCHEMA {schema}");

        var refusal = await Assert.ThrowsAsync<StartupException>(
            () => StartAsync($"{TestServers.Metadata};Search Path={schema}", new StorageOptions { Migrate = false }));

        Assert.Contains("001_catalogue.sql", refusal.Message, StringComparison.Ordinal);
        // Fails where anything was made in it.
        await ExecuteAsync(database, $"DROP SCHEMA {schema}");
    }

    [Fact]
    public async Task A_server_that_is_just_starting_is_waited_for()
    {
        var server = new NpgsqlConnectionStringBuilder(TestServers.Metadata);
        var port = LoopbackPort.Take();
        using var relay = new Relay(port, server.Host!, server.Port);
        server.Host = "127.0.0.1";
        server.Port = port;
        var waits = new WaitLogger();

        var opening = PostgresMigratedDatabase.OpenAsync("Metadata", server.ConnectionString, TimeSpan.FromSeconds(30), waits, Cancel);
        Assert.Contains("ConnectionStrings:Metadata", await waits.First.WaitAsync(TimeSpan.FromSeconds(30), Cancel), StringComparison.Ordinal);
        var relaying = relay.RunAsync(Cancel);

        await using (var database = await opening)
            Assert.True((await database.GetAppliedAsync(Cancel)).Newest >= 0);

        await relaying;
        Assert.Equal(1, waits.Lines);
    }

    [Fact]
    public async Task A_replica_that_is_down_stops_no_start()
    {
        var options = Connections(TestServers.Metadata);
        options.AnalyticsReplica = $"Host=127.0.0.1;Port={LoopbackPort.Take()};Database=d;Username=u";
        await StartAsync(options, new StorageOptions { StartWaitSeconds = 0 });

        options.AnalyticsReplica = $"{TestServers.Replica};Database=no_such_test";
        await Assert.ThrowsAsync<StartupException>(() => StartAsync(options, new StorageOptions { StartWaitSeconds = 0 }));
    }

    private static Task StartAsync(string metadata, StorageOptions? storage = null) => StartAsync(Connections(metadata), storage ?? new StorageOptions());

    private static async Task StartAsync(ConnectionOptions options, StorageOptions storage)
    {
        await using var connections = new ServerConnections(options);
        await new ServersStartup(connections, Options.Create(options), Options.Create(storage), [], NullLogger<ServersStartup>.Instance).StartAsync(Cancel);
    }

    private static ConnectionOptions Connections(string metadata) => new()
    {
        Metadata = metadata,
        Analytics = TestServers.Analytics,
        Mongo = "mongodb://127.0.0.1:1/streaming_test",
    };

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private sealed class WaitLogger : ILogger
    {
        private readonly TaskCompletionSource<string> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int lines;

        public Task<string> First => first.Task;

        public int Lines => Volatile.Read(ref lines);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref lines);
            first.TrySetResult(formatter(state, exception));
        }
    }
}
