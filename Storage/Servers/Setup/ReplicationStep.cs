using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;
using Npgsql;
using static Streaming.Storage.Servers.SetupCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// Logical replication of users and history: publication and role on the analytics master, subscription on its replica.
/// The subscription is in no script, because it holds an address and a password.
/// </summary>
internal sealed class ReplicationStep(ServerConnections connections, IOptions<ReplicationOptions> options) : ISetupStep
{
    public const string Subscription = "analytics_sub";

    private const string Publication = "analytics_pub";
    private const string PublicationScript = "sql/analytics/publication.sql";
    private const int SlotTimeoutSeconds = 60;

    public string Database => nameof(ConnectionOptions.AnalyticsReplica);

    /// <exception cref="StartupException">The master does not write what logical replication needs, or a server refuses.</exception>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var master = await connections.Analytics.OpenConnectionAsync(cancellationToken);
            await CheckWalLevelAsync(master, cancellationToken);
            await master.ExecuteAsync(ReadScript(), cancellationToken);
            await SubscribeAsync(master, connection, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw Failed("The replication from ConnectionStrings:Analytics to ConnectionStrings:AnalyticsReplica", e);
        }
    }

    private static async Task CheckWalLevelAsync(NpgsqlConnection master, CancellationToken cancellationToken)
    {
        if (await master.TextAsync("SHOW wal_level", cancellationToken) is var level and not "logical")
        {
            throw new StartupException(
                $"ConnectionStrings:AnalyticsReplica is set, and the server of ConnectionStrings:Analytics has wal_level = {level}. "
                + "Set wal_level = logical there and restart PostgreSQL, or leave the replica out.");
        }
    }

    private static string ReadScript()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(PublicationScript)!);
        return reader.ReadToEnd();
    }

    private const string SelectSubscription = """
        SELECT s.subconninfo FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
        WHERE s.subname = $1 AND d.datname = current_database()
        """;

    private async Task SubscribeAsync(NpgsqlConnection master, NpgsqlConnection replica, CancellationToken cancellationToken)
    {
        var role = new ServerRole("streaming_replication", "REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE", master);
        var address = AddressOf(master, role.Name);
        var found = await replica.TextAsync(SelectSubscription, cancellationToken, Subscription);
        var slot = NameFor(Subscription, replica);
        if (found is not null && await master.TextAsync(SelectSlot, cancellationToken, slot) is null)
        {
            await DropAsync(replica, cancellationToken);
            found = null;
        }

        if (found is not null && found.StartsWith(address, StringComparison.Ordinal) && await role.ExistsAsync(cancellationToken))
        {
            await RefreshAsync(master, replica, role, cancellationToken);
            return;
        }

        // Cut short after the new password, it must not look as if all was done.
        if (found is not null)
            await replica.ExecuteSilentlyAsync([$"ALTER SUBSCRIPTION {Subscription} CONNECTION ''"], cancellationToken);

        var password = await role.MakeAsync(await PublishedAsync(master, cancellationToken), cancellationToken);
        var connection = Literal(address + password);
        if (found is not null)
        {
            await replica.ExecuteSilentlyAsync([$"ALTER SUBSCRIPTION {Subscription} CONNECTION {connection}"], cancellationToken);
            return;
        }

        await MakeSlotAsync(master, slot, cancellationToken);
        await replica.ExecuteSilentlyAsync(
            [$"CREATE SUBSCRIPTION {Subscription} CONNECTION {connection} PUBLICATION {Publication} WITH (create_slot = false, slot_name = {Literal(slot)})"],
            cancellationToken);
    }

    /// <summary>All of the subscription's connection but the password, which comes last.</summary>
    private string AddressOf(NpgsqlConnection master, string user)
    {
        var (host, port) = (options.Value.SourceHost ?? master.Host!, options.Value.SourcePort ?? master.Port);
        var ssl = SslModeOf(master) is { } mode ? $" sslmode={mode}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"host={Quote(host)} port={port} dbname={Quote(master.Database)} user={Quote(user)} connect_timeout=5{ssl} password=");

        static string Quote(string value) =>
            $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
    }

    private const string SelectSlot = """
        SELECT slot_name::text FROM pg_replication_slots
        WHERE slot_name = $1 AND database = current_database() AND wal_status IS DISTINCT FROM 'lost'
        """;

    private const string SelectTables = """
        SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ')
        FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid
        JOIN pg_class c ON c.oid = r.srrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        HAVING count(*) > 0
        """;

    /// <summary>
    /// A subscription without its slot misses changes that nobody has kept: it goes with all that it brought, and the new one copies
    /// the tables anew. Readers use the master until the copy is complete.
    /// </summary>
    private static async Task DropAsync(NpgsqlConnection replica, CancellationToken cancellationToken)
    {
        var tables = await replica.TextAsync(SelectTables, cancellationToken, Subscription);
        // Disabled in a transaction of its own: its worker ends, and no longer holds the tables.
        await replica.ExecuteAsync($"ALTER SUBSCRIPTION {Subscription} DISABLE", cancellationToken);
        await replica.ExecuteAsync(
            $"""
            BEGIN;
            ALTER SUBSCRIPTION {Subscription} SET (slot_name = NONE);
            DROP SUBSCRIPTION {Subscription};
            {(tables is null ? "" : $"TRUNCATE {tables};")}
            COMMIT;
            """,
            cancellationToken);
    }

    private const string DropOldSlot = """
        SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots WHERE slot_name = $1 AND NOT active
        """;

    /// <summary>
    /// Apart from the subscription, which so can be made in a transaction. A slot of that name, when there is no
    /// subscription, is one of a start that was cut short. A new one waits for the transactions that run now.
    /// </summary>
    private static async Task MakeSlotAsync(NpgsqlConnection master, string slot, CancellationToken cancellationToken)
    {
        await master.ListAsync(DropOldSlot, _ => 0, cancellationToken, slot);
        await using var transaction = await master.BeginTransactionAsync(cancellationToken);
        await master.ExecuteAsync("SET LOCAL lock_timeout = 0", cancellationToken);
        await using var create = new NpgsqlCommand("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", master);
        create.Parameters.Add(new NpgsqlParameter { Value = slot });
        create.CommandTimeout = SlotTimeoutSeconds;
        await create.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private const string SelectPublished = """
        SELECT p.tablename::text, p.attnames::text[] FROM pg_publication_tables p WHERE p.pubname = $1
        """;

    private static Task<List<PublishedTable>> PublishedAsync(NpgsqlConnection master, CancellationToken cancellationToken) =>
        master.ListAsync(SelectPublished, r => new PublishedTable(r.GetString(0), r.GetFieldValue<string[]>(1)), cancellationToken, Publication);

    private const string SelectSubscribed = """
        SELECT c.relname::text FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid JOIN pg_class c ON c.oid = r.srrelid
        WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    /// <summary>Lets the subscription take up tables that were published since.</summary>
    private static async Task RefreshAsync(NpgsqlConnection master, NpgsqlConnection replica, ServerRole role, CancellationToken cancellationToken)
    {
        var published = await PublishedAsync(master, cancellationToken);
        await role.EnsureGrantedAsync(published, cancellationToken);
        var subscribed = await replica.ListAsync(SelectSubscribed, r => r.GetString(0), cancellationToken, Subscription);
        if (!published.Select(table => table.Name).ToHashSet().SetEquals(subscribed))
            await replica.ExecuteAsync($"ALTER SUBSCRIPTION {Subscription} REFRESH PUBLICATION", cancellationToken);
    }
}
