using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Streaming.Storage.Embedded;

/// <summary>
/// Brings a file to the newest schema: applies the numbered scripts of <c>sql/sqlite/{name}</c> that it does not have
/// yet, each in a transaction with the version it leads to (<c>PRAGMA user_version</c>).
/// </summary>
internal static class SqliteMigrator
{
    /// <exception cref="StartupException">The file is damaged, or of a newer version of the program.</exception>
    public static void Migrate(string path, string name)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            connection.Open();
            Check(connection, path);
            Migrate(connection, path, [.. ScriptsOf(name)]);
        }
        catch (SqliteException e) when (SqliteErrors.IsDamage(e))
        {
            throw Damaged(path, e);
        }
        catch (SqliteException e)
        {
            throw new StartupException($"The database file {path} cannot be opened ({e.Message}). Check that it can be read and written.", e);
        }
    }

    private static void Migrate(SqliteConnection connection, string path, List<(int Version, string Resource)> scripts)
    {
        var version = connection.Scalar("PRAGMA user_version") ?? 0;
        var newest = scripts[^1].Version;
        if (version > newest)
            throw new StartupException($"The database file {path} has schema version {version}, this program knows {newest}. Use the newer program that wrote it.");

        // Before the first table, or it has no effect without a VACUUM.
        connection.Execute("PRAGMA journal_mode = WAL");
        foreach (var (number, resource) in scripts.Where(script => script.Version > version))
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(Read(resource));
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {number}"));
            transaction.Commit();
        }
    }

    private static void Check(SqliteConnection connection, string path)
    {
        using var command = connection.Command("PRAGMA quick_check(1)");
        if (command.ExecuteScalar() is not "ok")
            throw Damaged(path, null);
    }

    private static IEnumerable<(int Version, string Resource)> ScriptsOf(string name)
    {
        var prefix = $"sql/sqlite/{name}/";
        return Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Select(resource => (int.Parse(resource.AsSpan(prefix.Length, 3), CultureInfo.InvariantCulture), resource))
            .Order();
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }

    private static StartupException Damaged(string path, Exception? e) => new(
        $"The database file {path} is damaged. Put a backup in its place, or move it away to start without its data.", e);
}
