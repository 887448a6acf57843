using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using static Streaming.Storage.Servers.SetupCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// Lets the metadata database read users and their history in the analytics databases (<c>postgres_fdw</c>): servers, user
/// mappings and foreign tables. In no script, because they hold addresses and passwords and follow the configuration.
/// </summary>
internal sealed partial class FederationStep(
    ServerConnections connections, IOptions<FederationOptions> options, ILogger<FederationStep> logger) : ISetupStep
{
    /// <summary>Schemas of the metadata database, with the foreign tables of the two.</summary>
    public const string MasterSchema = "analytics";
    public const string ReplicaSchema = "analytics_replica";

    // All that the metadata database may read; what else these tables have is not imported.
    private static readonly PublishedTable[] Tables =
    [
        new("users", ["user_id", "username", "registration_date"]),
        new("user_watch_history", ["history_id", "user_id", "content_id", "watched_at", "duration_watched_seconds", "last_position_seconds"]),
        new("resume_positions", ["user_id", "content_id", "position_seconds", "duration_seconds", "watched", "updated_at"]),
    ];

    private static readonly string[] AddressOptions = ["host", "port", "dbname"];

    public string Database => nameof(ConnectionOptions.Metadata);

    /// <exception cref="StartupException">The master is away, or a server refuses.</exception>
    public async Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var addresses = options.Value;
        try
        {
            await FederateAsync(
                connection, "analytics_master", MasterSchema, connections.Analytics, addresses.AnalyticsHost, addresses.AnalyticsPort, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw Failed("The federation of ConnectionStrings:Metadata with ConnectionStrings:Analytics", e);
        }

        if (connections.AnalyticsReplica is null)
            return;

        try
        {
            await FederateAsync(
                connection, "analytics_replica", ReplicaSchema, connections.AnalyticsReplica, addresses.ReplicaHost, addresses.ReplicaPort, cancellationToken);
        }
        catch (NpgsqlException e) when (PostgresErrors.IsAway(e) || e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            LogNoReplica(logger, PostgresErrors.Reason(e));
        }
        catch (NpgsqlException e)
        {
            throw Failed("The federation of ConnectionStrings:Metadata with ConnectionStrings:AnalyticsReplica", e);
        }
    }

    private static async Task FederateAsync(
        NpgsqlConnection metadata, string server, string schema, NpgsqlDataSource target, string? host, int? port, CancellationToken cancellationToken)
    {
        await using var source = await target.OpenConnectionAsync(cancellationToken);
        var role = new ServerRole("streaming_federation", "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION", source);
        var isMoved = await EnsureServerAsync(metadata, server, OptionsOf(source, host, port), cancellationToken);
        var isMapped = await metadata.TextAsync(SelectMapping, cancellationToken, server, role.Name) is not null;
        if (isMoved || !isMapped || !await role.ExistsAsync(cancellationToken))
            await MapAsync(metadata, server, role, cancellationToken);
        else
            await role.EnsureGrantedAsync(Tables, cancellationToken);

        await ImportAsync(metadata, server, schema, source, role.Name, cancellationToken);
        await RunAsync(metadata, [$"{TellSize} '{schema}.user_watch_history'::regclass"], cancellationToken);
    }

    // A page of history is one fetch. A server that is away, or hangs, fails a query before its reader gives up.
    private static Dictionary<string, string> OptionsOf(NpgsqlConnection source, string? host, int? port)
    {
        var options = new Dictionary<string, string>
        {
            ["host"] = host ?? source.Host!,
            ["port"] = (port ?? source.Port).ToString(CultureInfo.InvariantCulture),
            ["dbname"] = source.Database,
            ["application_name"] = "streaming-federation",
            ["connect_timeout"] = "3",
            ["keepalives_idle"] = "15",
            ["tcp_user_timeout"] = "4000",
            ["options"] = "-c statement_timeout=4s",
            ["fetch_size"] = "500",
            ["use_remote_estimate"] = "false",
            ["updatable"] = "false",
        };
        if (SslModeOf(source) is { } ssl)
            options["sslmode"] = ssl;

        return options;
    }

    // A foreign table of unknown size is taken for a small one, and then it seems cheaper to fetch all that a user has
    // watched and to sort it here than to send the order and the limit. ANALYZE would fetch the table to measure it.
    private const string TellSize = "UPDATE pg_class SET reltuples = 1e8, relpages = 1000000 WHERE reltuples < 0 AND oid =";

    private const string SelectServer = "SELECT srvname::text FROM pg_foreign_server WHERE srvname = $1";

    private const string SelectServerOptions = """
        SELECT o.option_name, o.option_value FROM pg_foreign_server s CROSS JOIN LATERAL pg_options_to_table(s.srvoptions) o WHERE s.srvname = $1
        """;

    /// <returns>Whether it named another database before.</returns>
    private static async Task<bool> EnsureServerAsync(
        NpgsqlConnection metadata, string server, Dictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        if (await metadata.TextAsync(SelectServer, cancellationToken, server) is null)
        {
            var all = string.Join(", ", wanted.Select(option => $"{option.Key} {Literal(option.Value)}"));
            await RunAsync(metadata, [$"CREATE SERVER {server} FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({all})"], cancellationToken);
            return false;
        }

        var found = new Dictionary<string, string>(
            await metadata.ListAsync(SelectServerOptions, r => KeyValuePair.Create(r.GetString(0), r.GetString(1)), cancellationToken, server));
        string[] changes =
        [
            .. wanted.Where(option => !found.ContainsKey(option.Key)).Select(option => $"ADD {option.Key} {Literal(option.Value)}"),
            .. wanted.Where(option => found.TryGetValue(option.Key, out var value) && value != option.Value)
                .Select(option => $"SET {option.Key} {Literal(option.Value)}"),
            .. found.Keys.Where(name => !wanted.ContainsKey(name)).Select(name => $"DROP {name}"),
        ];
        if (changes.Length == 0)
            return false;

        var isMoved = AddressOptions.Any(name => found.GetValueOrDefault(name) != wanted[name]);
        await RunAsync(
            metadata,
            [
                // The other database does not know this password.
                .. isMoved ? [DropMapping(server)] : Array.Empty<string>(),
                $"ALTER SERVER {server} OPTIONS ({string.Join(", ", changes)})",
            ],
            cancellationToken);
        return isMoved;
    }

    private const string SelectMapping = """
        SELECT m.usename::text FROM pg_user_mappings m WHERE m.srvname = $1 AND m.usename = current_user AND 'user=' || $2 = ANY (m.umoptions)
        """;

    private static string DropMapping(string server) => $"DROP USER MAPPING IF EXISTS FOR CURRENT_USER SERVER {server}";

    // The mapping goes first and comes last: whatever cuts this short, it is missing, and the next start makes it again.
    private static async Task MapAsync(NpgsqlConnection metadata, string server, ServerRole role, CancellationToken cancellationToken)
    {
        await RunAsync(metadata, [DropMapping(server)], cancellationToken);
        var password = await role.MakeAsync(Tables, cancellationToken);
        await RunAsync(
            metadata,
            [$"CREATE USER MAPPING FOR CURRENT_USER SERVER {server} OPTIONS (user {Literal(role.Name)}, password {Literal(password)})"],
            cancellationToken);
    }

    private const string SelectImported = """
        SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'f' AND n.nspname = $1
        """;

    private const string SelectClosedColumns = """
        SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped
              AND NOT has_column_privilege($2, c.oid, a.attnum, 'SELECT')
        """;

    /// <summary>Imports the tables that are missing. A script that wants one imported anew drops it.</summary>
    private static async Task ImportAsync(
        NpgsqlConnection metadata, string server, string schema, NpgsqlConnection source, string role, CancellationToken cancellationToken)
    {
        var imported = await metadata.ListAsync(SelectImported, r => r.GetString(0), cancellationToken, schema);
        string[] missing = [.. Tables.Select(table => table.Name).Except(imported)];
        if (missing.Length == 0)
            return;

        var closed = await source.ListAsync(
            SelectClosedColumns, r => (Table: r.GetString(0), Column: r.GetString(1)), cancellationToken, missing, role);
        await RunAsync(
            metadata,
            [
                $"IMPORT FOREIGN SCHEMA public LIMIT TO ({string.Join(", ", missing)}) FROM SERVER {server} INTO {schema}",
                .. closed.Select(c => $"ALTER FOREIGN TABLE {schema}.{Identifier(c.Table)} DROP COLUMN {Identifier(c.Column)}"),
            ],
            cancellationToken);
    }

    // The workers need none of it: queries over foreign tables are planned on the coordinator.
    private static Task RunAsync(NpgsqlConnection metadata, IEnumerable<string> statements, CancellationToken cancellationToken) =>
        metadata.ExecuteSilentlyAsync(statements.Prepend("SET LOCAL citus.enable_ddl_propagation TO off"), cancellationToken);

    [LoggerMessage(LogLevel.Warning, "The metadata database is not connected with the analytics replica, which is away or empty ({Reason}); the next start looks again. Its readers use the master.")]
    private static partial void LogNoReplica(ILogger logger, string reason);
}
