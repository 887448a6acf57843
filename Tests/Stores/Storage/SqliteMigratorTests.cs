using Microsoft.Data.Sqlite;
using Streaming.Storage.Embedded;
using Streaming.Storage.Migrations;

namespace Streaming.Tests.Storage;

public sealed class SqliteMigratorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string File => Path.Combine(folder.Path, "metadata.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("metadata", "content_views")]
    [InlineData("journal", "view_journal")]
    [InlineData("analytics", "resume_positions")]
    [InlineData("reviews", "reviews")]
    public async Task A_fresh_file_gets_every_table(string name, string table)
    {
        await MigrateAsync(name);
        using var connection = Open();
        Assert.Equal(0, connection.Scalar($"SELECT count(*) FROM {table}"));
        Assert.True(connection.Scalar("PRAGMA user_version") >= 1);
    }

    [Fact]
    public async Task A_second_open_changes_nothing()
    {
        await MigrateAsync("metadata");
        string before;
        using (var connection = Open())
        {
            connection.Execute("INSERT INTO genres (genre_id, name) VALUES (1, 'Drama')");
            before = Schema(connection);
        }

        await MigrateAsync("metadata");

        using var again = Open();
        Assert.Equal(before, Schema(again));
        Assert.Equal(1, again.Scalar("SELECT count(*) FROM genres"));
    }

    [Fact]
    public async Task An_older_file_gets_what_it_lacks_and_keeps_what_it_has()
    {
        using (var connection = Open())
        {
            connection.Execute(ScriptOf("sql/sqlite/metadata/001_catalogue.sql"));
            connection.Execute("INSERT INTO genres (genre_id, name) VALUES (1, 'Drama'); PRAGMA user_version = 1");
        }

        await MigrateAsync("metadata");

        using var migrated = Open();
        Assert.Equal(1, migrated.Scalar("SELECT count(*) FROM genres"));
        Assert.Equal(0, migrated.Scalar("SELECT count(*) FROM view_receipts"));
        Assert.Equal(MigrationScript.In("sqlite/metadata")[^1].Version, migrated.Scalar("PRAGMA user_version"));
    }

    [Fact]
    public async Task A_file_of_a_newer_program_is_refused_and_left_alone()
    {
        await MigrateAsync("metadata");
        using (var connection = Open())
            connection.Execute("PRAGMA user_version = 9999");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync("metadata"));

        Assert.Contains("9999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
        using var after = Open();
        Assert.Equal(9999, after.Scalar("PRAGMA user_version"));
    }

    [Fact]
    public async Task An_older_program_works_on_while_each_newer_script_says_that_it_may()
    {
        var known = MigrationScript.In("sqlite/metadata");
        var last = known[^1].Version;
        var added = new MigrationScript(last + 1, "added.sql", $"-- min-compatible: {last}\nALTER TABLE genres ADD COLUMN note TEXT");
        var more = new MigrationScript(last + 2, "more.sql", $"-- min-compatible: {last + 1}\nALTER TABLE genres ADD COLUMN more TEXT");
        await MigrateAsync([.. known, added]);

        await MigrateAsync("metadata");
        await MigrateAsync([.. known, added, more]);
        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync("metadata"));

        Assert.Contains($"needs a program that knows {last + 1}", refusal.Message, StringComparison.Ordinal);
        await MigrateAsync([.. known, added]);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 10_000));
        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync("metadata"));
        Assert.Contains("damaged", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(File, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_whose_pages_are_overwritten_is_refused()
    {
        await MigrateAsync("metadata");
        using (var connection = Open())
        {
            connection.Execute("INSERT INTO genres (name) SELECT hex(randomblob(100)) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n)");
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        using (var bytes = new FileStream(File, FileMode.Open, FileAccess.Write))
        {
            bytes.Position = 4096;
            while (bytes.Position < bytes.Length)
                bytes.WriteByte(0xAB);
        }

        Assert.Contains("damaged", (await Assert.ThrowsAsync<StartupException>(() => MigrateAsync("metadata"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_a_folder_is_refused() =>
        Assert.Throws<StartupException>(() => SqliteMigratedDatabase.Open(folder.Path));

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_behind()
    {
        await MigrateAsync("metadata");
        string before;
        using (var connection = Open())
            before = Schema(connection);

        var known = MigrationScript.In("sqlite/metadata");
        IReadOnlyList<MigrationScript> scripts = [.. known, new(known[^1].Version + 1, "999_broken.sql", "CREATE TABLE half (a); CREATE TABLE half (b)")];
        await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(scripts));

        using var after = Open();
        Assert.Equal(before, Schema(after));
    }

    private Task MigrateAsync(string name) => MigrateAsync(MigrationScript.In($"sqlite/{name}"));

    private async Task MigrateAsync(IReadOnlyList<MigrationScript> scripts)
    {
        await using var database = SqliteMigratedDatabase.Open(File);
        await Migrator.MigrateAsync(database, scripts, Cancel);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    private static string Schema(SqliteConnection connection) => string.Join(
        '\n', connection.Query(reader => reader.GetString(0), "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY name").Append(
            connection.Scalar("PRAGMA user_version")?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    private static string ScriptOf(string resource)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
