using Npgsql;
using Streaming.Storage.Servers;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>Logical replication of people and history, reads that may lag, and the federation, over real servers.</summary>
[Collection(ServersTests.Name)]
public sealed class ReplicationTests : IAsyncLifetime
{
    private const string Disable = $"ALTER SUBSCRIPTION {ReplicationStep.Subscription} DISABLE";
    private const string Enable = $"ALTER SUBSCRIPTION {ReplicationStep.Subscription} ENABLE";

    private readonly ServersFixture fixture = new();
    private readonly Samples samples = new();
    private ReplicatedStores stores = null!;
    private long batch;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private NpgsqlDataSource Master => stores.Connections.Analytics;

    private NpgsqlDataSource Replica => stores.Connections.AnalyticsReplica!;

    private NpgsqlDataSource Metadata => stores.Connections.Metadata;

    public async ValueTask InitializeAsync()
    {
        _ = TestServers.Replica;
        await fixture.OpenAsync();
        stores = ReplicatedStores.Open();
    }

    public async ValueTask DisposeAsync()
    {
        if (stores is not null)
            await stores.DisposeAsync();

        await fixture.DisposeAsync();
    }

    [Fact]
    public async Task What_is_written_on_the_master_arrives_on_the_replica()
    {
        var user = await AddUserAsync();
        await WatchAsync(user);

        foreach (var table in new[] { "users", "user_watch_history", "resume_positions" })
            await UntilAsync(Replica, $"SELECT count(*)::int FROM {table}", 1);
    }

    [Fact]
    public async Task What_is_not_named_is_neither_published_nor_imported()
    {
        var user = await AddUserAsync();
        await RunAsync(Master, $"INSERT INTO auth.credentials (user_id, password_hash, changed_at) VALUES ('{user}', 'a secret', now())");
        await RunAsync(Metadata, "DROP FOREIGN TABLE analytics.users, analytics_replica.users");
        await ServersFixture.MigrateAsync();

        await UntilAsync(Replica, "SELECT count(*)::int FROM users", 1);
        Assert.Equal(["email", "registration_date", "user_id", "username"], await TextsAsync(Replica, SelectColumns("public", "users")));
        Assert.Empty(await TextsAsync(Replica, "SELECT nspname::text FROM pg_namespace WHERE nspname = 'auth'"));
        Assert.Empty(await TextsAsync(
            Master,
            """
            SELECT tablename::text FROM pg_publication_tables
            WHERE schemaname = 'auth' OR attnames && '{role,banned_at}' OR tablename IN ('logs', 'videos', 'quota_limits', 'bandwidth_usage')
            """));
        foreach (var schema in new[] { "analytics", "analytics_replica" })
            Assert.Equal(["registration_date", "user_id", "username"], await TextsAsync(Metadata, SelectColumns(schema, "users")));

        static string SelectColumns(string schema, string table) =>
            $"SELECT column_name::text FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = '{table}' ORDER BY 1";
    }

    [Fact]
    public async Task Neither_the_replication_nor_the_federation_may_read_what_lets_people_in()
    {
        await ServersFixture.MigrateAsync();
        var roles = await TextsAsync(
            Master, "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'streaming\\_%\\_' || current_database() ORDER BY 1");
        var secrets = await TextsAsync(Master, "SELECT format('auth.%I', tablename) FROM pg_tables WHERE schemaname = 'auth'");
        Assert.Equal(["streaming_federation", "streaming_replication"], roles.Select(role => role[..role.IndexOf("_analytics", StringComparison.Ordinal)]));
        Assert.Contains("auth.credentials", secrets);

        foreach (var role in roles)
        {
            foreach (var query in (string[])["SELECT role FROM users", "SELECT banned_at FROM users", "DELETE FROM users", .. secrets.Select(table => $"SELECT 1 FROM {table}")])
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusalAsync(role, query));

            Assert.Null(await RefusalAsync(role, "SELECT username FROM users"));
        }
    }

    [Fact]
    public async Task Own_history_sees_its_own_write_while_the_replica_stands_still()
    {
        // So far behind that the replica stays in use for the whole test.
        await using var patient = ReplicatedStores.Open(maxLagSeconds: 3600);
        await patient.StartAsync();
        await patient.UntilUsableAsync();
        var user = await AddUserAsync();
        await WatchAsync(user);
        await UntilAsync(Replica, "SELECT count(*)::int FROM resume_positions", 1);
        await RunAsync(Replica, Disable);
        try
        {
            await WatchAsync(user);

            Assert.Equal(2, await CountAsync(Freshness.Latest));
            Assert.Equal(1, await CountAsync(Freshness.MayLag));
        }
        finally
        {
            await RunAsync(Replica, Enable);
        }

        await Poll.UntilAsync(async () => await CountAsync(Freshness.MayLag) is var count and not 2 ? $"the replica shows {count} titles" : null);

        async Task<int> CountAsync(Freshness freshness) => (await patient.Activity.GetHistoryAsync(user, 10, null, freshness, Cancel)).Titles.Length;
    }

    [Fact]
    public async Task Reads_leave_a_replica_that_falls_behind_and_return_when_it_has_caught_up()
    {
        await stores.StartAsync();
        await stores.UntilUsableAsync();
        await RunAsync(Replica, Disable);
        try
        {
            var user = await AddUserAsync();
            await Poll.UntilAsync(async () => (await stores.Users.ListIdsAsync(null, 10, Cancel)).Contains(user) ? null : "the master is not read");
            await Poll.UntilAsync(() => Task.FromResult(stores.Log[^1].Contains("s behind", StringComparison.Ordinal) ? null : "nothing is said of it"));
            Assert.False(stores.Reader.IsUsable);
        }
        finally
        {
            await RunAsync(Replica, Enable);
        }

        await stores.UntilUsableAsync();
        var onlyThere = samples.Id();
        await RunAsync(Replica, $"INSERT INTO users VALUES ('{onlyThere}', 'only there', 'only@example.com', now())");
        Assert.Contains(onlyThere, await stores.Users.ListIdsAsync(null, 10, Cancel));
    }

    [Fact]
    public async Task A_replica_that_is_down_is_noticed_once_and_the_master_read()
    {
        await using var without = ReplicatedStores.Open(connections => connections.AnalyticsReplica = "Host=127.0.0.1;Port=1;Database=nowhere;Username=nobody");
        var user = await AddUserAsync();
        await WatchAsync(user);
        await without.StartAsync();
        await Poll.UntilAsync(() => Task.FromResult(without.Log.Length > 0 ? null : "nothing is noticed"));

        Assert.Equal([user], await without.Users.ListIdsAsync(null, 10, Cancel));
        Assert.Single((await without.Activity.GetHistoryAsync(user, 10, null, Freshness.MayLag, Cancel)).Titles);
        Assert.Contains("master", Assert.Single(without.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_that_the_replica_fails_is_answered_by_the_master()
    {
        var user = await AddUserAsync();
        await WatchAsync(user);
        await stores.StartAsync();
        await stores.UntilUsableAsync();
        await RunAsync(Metadata, "DROP FOREIGN TABLE analytics_replica.users");
        try
        {
            Assert.Single((await stores.Activity.GetHistoryAsync(user, 10, null, Freshness.MayLag, Cancel)).Titles);
            Assert.False(stores.Reader.IsUsable);
        }
        finally
        {
            await ServersFixture.MigrateAsync();
        }

        await stores.UntilUsableAsync();
    }

    [Fact]
    public async Task A_start_makes_again_what_is_missing_and_changes_nothing_else()
    {
        const string mappings = "SELECT umoptions::text FROM pg_user_mappings ORDER BY 1";
        const string subscriptions = "SELECT subconninfo FROM pg_subscription ORDER BY 1";
        var (mapped, subscribed) = (await TextsAsync(Metadata, mappings), await TextsAsync(Replica, subscriptions));
        await ServersFixture.MigrateAsync();
        Assert.Equal(mapped, await TextsAsync(Metadata, mappings));
        Assert.Equal(subscribed, await TextsAsync(Replica, subscriptions));

        await RunAsync(Metadata, "DROP USER MAPPING FOR CURRENT_USER SERVER analytics_master; DROP FOREIGN TABLE analytics.users");
        await RunAsync(Replica, "REVOKE ALL ON users FROM streaming_federation_" + new NpgsqlConnectionStringBuilder(TestServers.Replica).Database);
        var role = Assert.Single(await TextsAsync(Master, "SELECT rolname::text FROM pg_roles WHERE rolname = 'streaming_replication_' || current_database()"));
        await RunAsync(Master, $"DROP OWNED BY {role}; DROP ROLE {role}");
        await ServersFixture.MigrateAsync();

        var user = await AddUserAsync();
        await WatchAsync(user);
        Assert.Single((await stores.Activity.GetHistoryAsync(user, 10, null, Freshness.Latest, Cancel)).Titles);
        await UntilAsync(Replica, "SELECT count(*)::int FROM user_watch_history", 1);
        await UntilAsync(Metadata, "SELECT count(*)::int FROM analytics_replica.users", 1);
    }

    [Fact]
    public async Task A_start_makes_anew_what_hung_on_a_slot_that_is_lost()
    {
        var before = await AddUserAsync();
        await UntilAsync(Replica, "SELECT count(*)::int FROM users", 1);
        await RunAsync(Replica, Disable);
        await Poll.UntilAsync(async () =>
            await TextsAsync(Master, $"SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE '{ReplicationStep.Subscription}%' AND NOT active") is []
                ? "the slot is in use"
                : null);
        await RunAsync(Replica, Enable);
        var after = await AddUserAsync();
        await RunAsync(Master, $"DELETE FROM users WHERE user_id = '{before}'");

        await ServersFixture.MigrateAsync();

        await Poll.UntilAsync(async () => await TextsAsync(Replica, "SELECT user_id::text FROM users") is [var only] && only == after.ToString() ? null : "the replica is not the master's copy");
        await stores.StartAsync();
        await stores.UntilUsableAsync();
    }

    [Theory]
    [InlineData("analytics", 11)]
    [InlineData("analytics_replica", 201)]
    public async Task A_page_of_history_is_made_by_the_analytics_server(string schema, int limit)
    {
        await using var explain = stores.Connections.Federated.Command(
            $"EXPLAIN (VERBOSE) {PostgresActivityStore.SelectHistoryFrom(schema)}",
            PostgresCommands.Value(samples.Id()), PostgresCommands.Value(DateTimeOffset.UtcNow), PostgresCommands.Value(samples.Id()), PostgresCommands.Value(limit));
        var plan = await explain.QueryAsync(reader => reader.GetString(0), Cancel);

        var sent = Assert.Single(plan, line => line.Contains("Remote SQL", StringComparison.Ordinal));
        foreach (var part in new[] { "user_id = ", "watched_at <", "history_id <", "LEFT JOIN", "ORDER BY", $"LIMIT {limit}" })
            Assert.Contains(part, sent, StringComparison.Ordinal);
    }

    private async Task<Guid> AddUserAsync()
    {
        var user = samples.Id();
        await fixture.AddUserAsync(user, "somebody");
        return user;
    }

    private async Task WatchAsync(Guid user)
    {
        var title = samples.Id();
        await fixture.AddTitleAsync(Samples.Title(title, "A title"));
        var session = new SessionProgress(
            samples.Id(), user, title, fixture.Now, 20, 20, QualifiedAt: null, ViewRecorded: false,
            new ViewingPeriod(fixture.Now, fixture.Now, 0, 0, 0),
            new TitleProgress(new ResumePosition(title, 20, 600, false, fixture.Now), null, null));
        fixture.ActivityBatches.Write("silo-1", ++batch, new ActivityBatch([session], []));
    }

    private static Task UntilAsync(NpgsqlDataSource source, string count, int expected) => Poll.UntilAsync(async () =>
    {
        await using var select = source.CreateCommand(count);
        return await select.ExecuteScalarAsync(Cancel) is var found && Equals(found, expected) ? null : $"{count} is {found}";
    });

    private static async Task RunAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    /// <summary>How the server refuses it to the role; null where it does not.</summary>
    private async Task<string?> RefusalAsync(string role, string query)
    {
        await using var connection = await Master.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { new($"SET LOCAL ROLE \"{role}\""), new(query) } };
        try
        {
            await batch.ExecuteNonQueryAsync(Cancel);
            return null;
        }
        catch (PostgresException e)
        {
            return e.SqlState;
        }
    }

    private static async Task<List<string>> TextsAsync(NpgsqlDataSource source, string sql) =>
        await source.Command(sql).QueryAsync(reader => reader.GetString(0), Cancel);
}
