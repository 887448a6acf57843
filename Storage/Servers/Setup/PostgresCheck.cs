using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Servers;

/// <summary>Looks at PostgreSQL databases: what server, as whom, which schema, and what each is needed for.</summary>
/// <param name="migrates">Whether a start brings them to the newest schema.</param>
internal sealed class PostgresCheck(bool migrates, CancellationToken stop)
{
    private const string Advice = "See that its server runs and can be reached from here, and what its log says.";

    private const string SelectSettings = """
        SELECT current_setting('server_version'), current_user::text, current_setting('is_superuser') = 'on',
               pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',
               current_setting('synchronous_commit'), current_setting('fsync'), current_setting('wal_level'),
               (SELECT extversion FROM pg_extension WHERE extname = 'citus')
        """;

    private sealed record Server(string Version, string Role, bool IsSuperuser, bool IsReadOnly, string Commit, string Fsync, string Wal, string? Citus);

    public Task<Finding> MetadataAsync(string text) => LookAsync(nameof(ConnectionOptions.Metadata), text, "citus", async (connection, server, cancellationToken) =>
    {
        if (server.Commit == "off")
            return (FindingState.Failed, "synchronous_commit is off, so a crash would lose acknowledged views. Set it to on, for the server, the database and the role");

        var (state, detail) = server.Fsync == "off" ? (FindingState.Warning, "fsync is off: a crash of its machine can lose acknowledged views") : (FindingState.Ok, $"synchronous_commit {server.Commit}");
        if (server.Citus is null)
            return (state, $"no Citus; {detail}");

        var workers = await connection.ListAsync(SelectWorkers, r => (Address: r.GetString(0), IsActive: r.GetBoolean(1)), cancellationToken);
        return workers.Find(worker => !worker.IsActive) is { Address: { } away }
            ? (FindingState.Failed, $"the worker {away} of Citus {server.Citus} is not active. Start it, or SELECT citus_activate_node(…)")
            : (state, $"Citus {server.Citus} with {workers.Count} workers; {detail}");
    });

    private const string SelectWorkers = "SELECT nodename || ':' || nodeport, isactive FROM pg_dist_node WHERE noderole = 'primary' AND groupid <> 0";

    public Task<Finding> AnalyticsAsync(ConnectionOptions connections) => LookAsync(nameof(connections.Analytics), connections.Analytics!, "analytics/master", async (connection, server, cancellationToken) =>
    {
        if (string.IsNullOrEmpty(connections.AnalyticsReplica))
            return (FindingState.Ok, "no replica is set");

        if (server.Wal != "logical")
            return (FindingState.Failed, $"wal_level is {server.Wal}, and ConnectionStrings:AnalyticsReplica is set. Set wal_level = logical and restart PostgreSQL, or leave the replica out");

        var slots = await connection.ListAsync(SelectSlots, r => $"slot {r.GetString(0)} {(r.GetBoolean(1) ? "active" : "not active")} ({r.GetString(2)})", cancellationToken, ReplicationStep.Subscription);
        return (FindingState.Ok, slots.Count == 0 ? "no slot yet; a start makes it" : string.Join(", ", slots));
    });

    private const string SelectSlots = """
        SELECT slot_name::text, active, coalesce(wal_status, 'unknown') FROM pg_replication_slots
        WHERE database = current_database() AND starts_with(slot_name::text, $1)
        """;

    public Task<Finding> ReplicaAsync(string text, int maxLagSeconds) => LookAsync(nameof(ConnectionOptions.AnalyticsReplica), text, "analytics/replica", async (connection, _, cancellationToken) =>
    {
        var enabled = await connection.ListAsync(SelectSubscription, r => r.GetBoolean(0), cancellationToken, ReplicationStep.Subscription);
        if (enabled.Count == 0)
            return (FindingState.Ok, "no subscription yet; a start makes it");

        if (!enabled[0])
            return (FindingState.Failed, $"its subscription is disabled. ALTER SUBSCRIPTION {ReplicationStep.Subscription} ENABLE");

        var lag = await connection.ListAsync(SelectLag, r => r.GetDouble(0), cancellationToken);
        return lag is [var seconds] && seconds > maxLagSeconds
            // Its heart beats while a silo runs.
            ? (FindingState.Warning, string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s behind, unless no silo runs"))
            : (FindingState.Ok, lag.Count == 0 ? "subscribed, and nothing has come yet" : string.Create(CultureInfo.InvariantCulture, $"{lag[0]:0.0} s behind"));
    });

    private const string SelectSubscription = """
        SELECT s.subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE s.subname = $1 AND d.datname = current_database()
        """;

    private const string SelectLag = "SELECT extract(epoch FROM now() - beat_at)::float8 FROM replication_heartbeat WHERE id = 1";

    public Task<Finding> OrleansAsync(string text, string clusterId) => LookAsync(nameof(ConnectionOptions.Orleans), text, "orleans", async (connection, _, cancellationToken) =>
        await CountMembersAsync(connection, clusterId, cancellationToken) is var (active, rows) ? (FindingState.Ok, $"cluster {clusterId}: {active} active of {rows} rows") : (FindingState.Ok, "no members yet"));

    /// <summary>For a client, which sees who is in the cluster and nothing else.</summary>
    public Task<Finding> MembersAsync(string text, string clusterId) => LookAsync(nameof(ConnectionOptions.Orleans), text, null, async (connection, _, cancellationToken) =>
        await CountMembersAsync(connection, clusterId, cancellationToken) is var (active, rows) && active > 0
            ? (FindingState.Ok, $"cluster {clusterId}: {active} active of {rows} rows")
            : (FindingState.Failed, $"no silo of cluster {clusterId} is active. Start one, or correct Cluster:Id"));

    private const string SelectMembers = """
        SELECT count(*) FILTER (WHERE Status = 3), count(*) FROM OrleansMembershipTable WHERE DeploymentId = $1
        """;

    private static async Task<(long Active, long Rows)?> CountMembersAsync(NpgsqlConnection connection, string clusterId, CancellationToken cancellationToken) =>
        await connection.TextAsync("SELECT to_regclass('OrleansMembershipTable')::text WHERE to_regclass('OrleansMembershipTable') IS NOT NULL", cancellationToken) is null ? null
            : (await connection.ListAsync(SelectMembers, r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken, clusterId))[0];

    /// <param name="folder">Of its scripts; null where it is not this program's to migrate.</param>
    private Task<Finding> LookAsync(
        string key, string text, string? folder, Func<NpgsqlConnection, Server, CancellationToken, Task<(FindingState State, string Detail)>> further)
    {
        var settings = ServerConnections.Parse(key, text);
        var where = string.Create(CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}/{settings.Database}");
        return BoundedLook.AtAsync(key, where, Advice, async cancellationToken =>
        {
            await using var database = await PostgresMigratedDatabase.OpenAsync(key, text, TimeSpan.Zero, NullLogger.Instance, cancellationToken);
            var server = (await database.Connection.ListAsync(
                SelectSettings,
                r => new Server(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetBoolean(3), r.GetString(4), r.GetString(5), r.GetString(6), r.IsDBNull(7) ? null : r.GetString(7)),
                cancellationToken))[0];
            var who = $"PostgreSQL {server.Version.Split(' ')[0]}, {(server.IsSuperuser ? "superuser" : "role")} {server.Role}";
            if (server.IsReadOnly && folder is not null)
                return (FindingState.Failed, $"{who}. It is read-only. Name the primary in ConnectionStrings:{key}.");

            var (schema, isMissing) = folder is null ? ("", false) : await DescribeSchemaAsync(database, folder, cancellationToken);
            if (isMissing && !migrates)
                return (FindingState.Failed, $"{who}{schema}, and Storage:Migrate is off. Run the command migrate, or switch that on.");

            var (state, detail) = await further(database.Connection, server, cancellationToken);
            return (state, $"{who}{schema}; {detail}{(state == FindingState.Failed ? "." : "")}");
        }, stop);
    }

    private static async Task<(string Text, bool IsMissing)> DescribeSchemaAsync(PostgresMigratedDatabase database, string folder, CancellationToken cancellationToken)
    {
        var plan = await Migrator.PlanAsync(database, MigrationScript.In(folder), cancellationToken);
        return plan switch
        {
            { Scripts.Count: > 0 } => ($", schema {plan.From}, {plan.Scripts.Count} scripts behind {plan.Known}", true),
            { IsOfNewerProgram: true } => ($", schema {plan.From} of a newer program, which works with this one ({plan.Known})", false),
            _ => ($", schema {plan.From} of {plan.Known}", false),
        };
    }
}
