using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Servers;

/// <summary>Brings the PostgreSQL databases to the newest schema before the silo starts, and refuses a server that forgets commits.</summary>
internal sealed partial class ServersStartup(
    ServerConnections connections,
    IOptions<ConnectionOptions> options,
    IOptions<StorageOptions> storage,
    IEnumerable<ISetupStep> steps,
    ILogger<ServersStartup> logger) : IHostedService
{
    // Long enough for one that is starting too; without it a silo works all the same.
    private static readonly TimeSpan ReplicaWait = TimeSpan.FromSeconds(10);

    private TimeSpan StartWait => TimeSpan.FromSeconds(storage.Value.StartWaitSeconds);

    public Task StartAsync(CancellationToken cancellationToken) => MigrateAsync(storage.Value.Migrate, cancellationToken);

    /// <summary>What it looked at; without the replica where that is away.</summary>
    /// <param name="migrate">Whether what is missing is made, or refused.</param>
    public async Task<IReadOnlyList<MigratedSchema>> MigrateAsync(bool migrate, CancellationToken cancellationToken)
    {
        // People first: the replica subscribes to them, and the catalogue imports them.
        var to = options.Value;
        var migrated = new List<MigratedSchema> { await MigrateAsync(nameof(to.Analytics), to.Analytics, "analytics/master", StartWait, migrate, cancellationToken) };
        if (connections.AnalyticsReplica is not null && await MigrateReplicaAsync(to.AnalyticsReplica, migrate, cancellationToken) is { } replica)
            migrated.Add(replica);

        migrated.Add(await MigrateAsync(nameof(to.Metadata), to.Metadata, "citus", StartWait, migrate, cancellationToken));
        if (!string.IsNullOrEmpty(to.Orleans))
            migrated.Add(await MigrateAsync(nameof(to.Orleans), to.Orleans, "orleans", StartWait, migrate, cancellationToken));

        await CheckDurabilityAsync(cancellationToken);
        return migrated;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A replica that is down is no reason not to start: the master answers in its place.</summary>
    private async Task<MigratedSchema?> MigrateReplicaAsync(string? connectionString, bool migrate, CancellationToken cancellationToken)
    {
        try
        {
            return await MigrateAsync(
                nameof(ConnectionOptions.AnalyticsReplica), connectionString, "analytics/replica", StartWait < ReplicaWait ? StartWait : ReplicaWait, migrate, cancellationToken);
        }
        catch (StartupException e) when (e.InnerException is { } cause && PostgresErrors.IsAway(cause))
        {
            LogNoReplica(logger, e.Message);
            return null;
        }
    }

    private async Task<MigratedSchema> MigrateAsync(
        string key, string? connectionString, string folder, TimeSpan wait, bool migrate, CancellationToken cancellationToken)
    {
        var scripts = MigrationScript.In(folder);
        await using var database = await PostgresMigratedDatabase.OpenAsync(key, connectionString, wait, logger, cancellationToken);
        var name = $"ConnectionStrings:{key}";
        if (!migrate)
        {
            var found = await Migrator.CheckAsync(database, scripts, cancellationToken);
            return new MigratedSchema(name, found.From, found.To);
        }

        var migration = await Migrator.MigrateAsync(database, scripts, cancellationToken);
        foreach (var script in migration.Scripts)
            LogApplied(logger, script.Name, key);

        if (migration.IsOfNewerProgram)
            LogNewer(logger, key, migration.From, migration.Known);
        else
            foreach (var step in steps.Where(step => step.Database == key))
                await step.RunAsync(database.Connection, cancellationToken);

        return new MigratedSchema(name, migration.From, migration.To);
    }

    private const string SelectSettings = """
        SELECT 'the server', current_setting('synchronous_commit'), current_setting('fsync'),
               EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')
        """;

    // A worker that does not answer is the coordinator's to tell.
    private const string SelectWorkerSettings = """
        SELECT 'the worker ' || c.nodename || ':' || c.nodeport, c.result, f.result
        FROM run_command_on_workers('SHOW synchronous_commit') c
        JOIN run_command_on_workers('SHOW fsync') f USING (nodename, nodeport)
        WHERE c.success AND f.success
        """;

    /// <summary>An acknowledged view is a commit in this database, so a commit must be on disk when it returns.</summary>
    private async Task CheckDurabilityAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A connection of the pool: its connection string may switch the setting off as well.
            await using var connection = await connections.Metadata.OpenConnectionAsync(cancellationToken);
            if (await CheckSettingsAsync(connection, SelectSettings, cancellationToken))
                await CheckSettingsAsync(connection, SelectWorkerSettings, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new StartupException($"The database of ConnectionStrings:Metadata cannot be asked for its settings ({PostgresErrors.Reason(e)}). Start again when its server answers.", e);
        }
    }

    /// <returns>Whether there may be workers to ask.</returns>
    private async Task<bool> CheckSettingsAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        var citus = false;
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (server, commit, fsync) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
            if (commit == "off")
                throw new StartupException($"synchronous_commit is off on {server} of ConnectionStrings:Metadata, so a crash would lose acknowledged views. Set it to on, for the server, the database and the role.");

            if (fsync == "off")
                LogNoFsync(logger, server);

            citus |= reader.FieldCount > 3 && reader.GetBoolean(3);
        }

        return citus;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied {Script} to the database of ConnectionStrings:{Key}")]
    private static partial void LogApplied(ILogger logger, string script, string key);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database of ConnectionStrings:{Key} has schema version {Version}, of a newer program, which works with this one, that knows {Known}")]
    private static partial void LogNewer(ILogger logger, string key, int version, int known);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Started without the replica: {Reason} Its readers use the master; its schema is looked at on the next start.")]
    private static partial void LogNoReplica(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "fsync is off on {Server} of ConnectionStrings:Metadata: a crash of its machine can lose acknowledged views and break the database")]
    private static partial void LogNoFsync(ILogger logger, string server);
}
