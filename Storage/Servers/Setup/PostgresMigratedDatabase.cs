using Microsoft.Extensions.Logging;
using Npgsql;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Servers;

/// <summary>
/// A PostgreSQL database under migration, on a connection of its own: the lock belongs to the session, so nothing that
/// shares sessions between clients (a pooler by transaction) may stand between. Records are the table <c>schema_migrations</c>.
/// </summary>
internal sealed partial class PostgresMigratedDatabase : IMigratedDatabase
{
    // Any number will do that nothing else locks.
    private const int LockKey = 0x5354_524D;
    private const int ConnectSeconds = 3;
    private const int ScriptSeconds = 600;
    private static readonly TimeSpan DefaultLockWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly string key;
    private readonly NpgsqlDataSource source;
    private readonly TimeSpan lockWait;

    private PostgresMigratedDatabase(string key, NpgsqlDataSource source, NpgsqlConnection connection, TimeSpan lockWait)
    {
        this.key = key;
        this.source = source;
        this.lockWait = lockWait;
        Connection = connection;
    }

    public string Name => $"The database of ConnectionStrings:{key}";

    /// <summary>For steps that no transaction can hold; they run while the lock is held.</summary>
    public NpgsqlConnection Connection { get; }

    /// <param name="key">The name of the connection string, for messages.</param>
    /// <param name="wait">How long to try again while the server does not answer.</param>
    /// <param name="lockWait">How long to wait for another process that migrates; 60 s when not given.</param>
    /// <exception cref="StartupException">It still does not, or it refuses.</exception>
    public static async Task<PostgresMigratedDatabase> OpenAsync(
        string key, string? connectionString, TimeSpan wait, ILogger logger, CancellationToken cancellationToken, TimeSpan? lockWait = null)
    {
        var settings = ServerConnections.Parse(key, connectionString);
        settings.ApplicationName ??= "streaming";
        settings.Pooling = false;
        settings.Enlist = false;
        settings.Timeout = ConnectSeconds;
        settings.CommandTimeout = ScriptSeconds;
        settings.KeepAlive = 15;
        // Of its own, for its name: metrics would know it by its whole connection string.
        var source = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "setup" }.Build();
        var connection = source.CreateConnection();
        try
        {
            await OpenAsync(connection, key, wait, logger, cancellationToken);
            return new PostgresMigratedDatabase(key, source, connection, lockWait ?? DefaultLockWait);
        }
        catch
        {
            await connection.DisposeAsync();
            await source.DisposeAsync();
            throw;
        }
    }

    private static async Task OpenAsync(NpgsqlConnection connection, string key, TimeSpan wait, ILogger logger, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        for (var told = false; ; told = true)
        {
            try
            {
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (PostgresErrors.IsAway(e) && TimeProvider.System.GetElapsedTime(started) < wait)
            {
                var reason = PostgresErrors.Reason(e);
                if (!told)
                    LogWaiting(logger, key, wait, reason);
            }
            catch (NpgsqlException e) when (!PostgresErrors.IsAway(e))
            {
                throw new StartupException($"The server of ConnectionStrings:{key} cannot be used ({e.SqlState ?? PostgresErrors.Reason(e)}). {Advice(e)}", e);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new StartupException($"The server of ConnectionStrings:{key} does not answer ({PostgresErrors.Reason(e)}). Start it, or correct its address.", e);
            }

            await Task.Delay(RetryInterval, cancellationToken);
        }
    }

    private static string Advice(NpgsqlException e) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidCatalogName => "Create the database that it names.",
        null => "See that a PostgreSQL is what listens there, and correct its user and password.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Correct its user and password, or what the server's pg_hba.conf allows.",
        _ => "See the server's log.",
    };

    // A script that waits for a lock makes everybody behind it wait as well.
    private const string LimitSession = "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'";

    private const string TryLock = "SELECT pg_try_advisory_lock($1, hashtext(coalesce(current_schema(), '')))";

    private const string MakeRecords = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            version    int         PRIMARY KEY,
            name       text        NOT NULL,
            checksum   text        NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS min_compatible int;
        """;

    public Task LockAsync(CancellationToken cancellationToken) => ExplainedAsync("be locked for a migration", async () =>
    {
        await ExecuteAsync(LimitSession, cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        while (await ScalarAsync(TryLock, cancellationToken, LockKey) is not true)
        {
            if (TimeProvider.System.GetElapsedTime(started) >= lockWait)
                throw new StartupException($"{Name} is being migrated, and was for {lockWait.TotalSeconds:0} s, {await FindHolderAsync(cancellationToken)}. Wait for that to end, or end it, and start again.");

            await Task.Delay(RetryInterval, cancellationToken);
        }

        await ExecuteAsync(MakeRecords, cancellationToken);
        return true;
    });

    private const string SelectHolder = """
        SELECT 'by the session with pid ' || l.pid || coalesce(' of ' || nullif(a.application_name, ''), '')
        FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = $1
          AND l.objid::bigint = hashtext(coalesce(current_schema(), ''))::bigint & 4294967295
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private async Task<string> FindHolderAsync(CancellationToken cancellationToken) =>
        await ScalarAsync(SelectHolder, cancellationToken, LockKey) as string ?? "by another silo that starts";

    // Where nothing was migrated since, the column is not there yet.
    private const string SelectApplied = "SELECT version, checksum, (to_jsonb(m) ->> 'min_compatible')::int FROM schema_migrations m";

    public Task<AppliedScripts> GetAppliedAsync(CancellationToken cancellationToken) => ExplainedAsync("be read", async () =>
    {
        var checksums = new Dictionary<int, string>();
        var minCompatibles = new Dictionary<int, int>();
        if (await ScalarAsync("SELECT to_regclass('schema_migrations') IS NOT NULL", cancellationToken) is true)
        {
            await using var command = new NpgsqlCommand(SelectApplied, Connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                checksums.Add(reader.GetInt32(0), reader.GetString(1));
                minCompatibles.Add(reader.GetInt32(0), await reader.IsDBNullAsync(2, cancellationToken) ? reader.GetInt32(0) : reader.GetInt32(2));
            }
        }

        return new AppliedScripts(checksums.Keys.DefaultIfEmpty().Max(), checksums, minCompatibles);
    });

    private const string InsertRecord = "INSERT INTO schema_migrations (version, name, checksum, min_compatible) VALUES ($1, $2, $3, $4)";

    public Task ApplyAsync(MigrationScript script, CancellationToken cancellationToken) => ExplainedAsync($"take {script.Name}", async () =>
    {
        await using var transaction = await Connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(script.Text, cancellationToken);
        await ScalarAsync(InsertRecord, cancellationToken, script.Version, script.Name, script.Checksum, script.MinCompatible);
        await transaction.CommitAsync(cancellationToken);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await source.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<object?> ScalarAsync(string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });

        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<T> ExplainedAsync<T>(string what, Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (PostgresException e)
        {
            throw new StartupException($"{Name} cannot {what} ({e.SqlState} {e.MessageText}). What was begun is rolled back.", e);
        }
        catch (NpgsqlException e)
        {
            throw new StartupException($"{Name} cannot {what} ({PostgresErrors.Reason(e)}). Start again when its server answers.", e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Waiting up to {Wait} for the server of ConnectionStrings:{Key} ({Reason})")]
    private static partial void LogWaiting(ILogger logger, string key, TimeSpan wait, string reason);
}
