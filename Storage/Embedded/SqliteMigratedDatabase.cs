using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Storage.Migrations;

namespace Streaming.Storage.Embedded;

/// <summary>
/// A file under migration; its version is <c>PRAGMA user_version</c>, and what older programs may do with it the table
/// <c>schema_migrations</c>. SQLite blocks its thread.
/// </summary>
internal sealed class SqliteMigratedDatabase : IMigratedDatabase
{
    private readonly string path;
    private readonly SqliteConnection connection;

    private SqliteMigratedDatabase(string path)
    {
        this.path = path;
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
    }

    public string Name => $"The database file {path}";

    /// <summary>Opens the file, or makes it, and looks it over.</summary>
    /// <exception cref="StartupException">The file is damaged or cannot be opened.</exception>
    public static SqliteMigratedDatabase Open(string path)
    {
        var database = new SqliteMigratedDatabase(path);
        try
        {
            database.Explained(database.OpenConnection);
            return database;
        }
        catch
        {
            database.connection.Dispose();
            throw;
        }
    }

    // The data folder's lock keeps other processes out, and a transaction that writes has the file for itself.
    public Task LockAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<AppliedScripts> GetAppliedAsync(CancellationToken cancellationToken) => Task.FromResult(
        Explained(() => new AppliedScripts((int)(connection.Scalar("PRAGMA user_version") ?? 0), null, ReadMinCompatibles())));

    private const string MakeRecords = """
        CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, min_compatible INTEGER NOT NULL)
        """;

    private const string InsertRecord = "INSERT INTO schema_migrations (version, min_compatible) VALUES ($version, $min)";

    public Task ApplyAsync(MigrationScript script, CancellationToken cancellationToken)
    {
        Explained(() =>
        {
            // Before the first table, or it has no effect without a VACUUM.
            connection.Execute("PRAGMA journal_mode = WAL");
            using var transaction = connection.BeginTransaction();
            connection.Execute(script.Text);
            connection.Execute(MakeRecords);
            connection.Execute(InsertRecord, ("$version", script.Version), ("$min", script.MinCompatible));
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {script.Version}"));
            transaction.Commit();
            return true;
        });
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private Dictionary<int, int> ReadMinCompatibles() =>
        connection.Scalar("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'") == 0 ? []
            : connection.Query(r => (Version: r.GetInt32(0), Min: r.GetInt32(1)), "SELECT version, min_compatible FROM schema_migrations")
                .ToDictionary(script => script.Version, script => script.Min);

    private bool OpenConnection()
    {
        connection.Open();
        using var check = connection.Command("PRAGMA quick_check(1)");
        if (check.ExecuteScalar() is not "ok")
            throw Damaged(null);

        return true;
    }

    private T Explained<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e))
        {
            throw Damaged(e);
        }
        catch (SqliteException e)
        {
            throw new StartupException($"{Name} cannot be opened ({e.Message}). Check that it can be read and written.", e);
        }
    }

    private StartupException Damaged(Exception? e) => new($"{Name} is damaged. Put a backup in its place, or move it away to start without its data.", e);
}
