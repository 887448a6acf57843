using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Streaming.Storage.Migrations;
using Streaming.Storage.Servers;

namespace Streaming.Tests.Storage;

/// <summary>Each test in a schema of its own.</summary>
public sealed class PostgresMigratorTests : IAsyncLifetime
{
    private static readonly MigrationScript Drama = new(1, "001_drama.sql", "CREATE TABLE genres (name text); INSERT INTO genres VALUES ('Drama')");
    private static readonly MigrationScript Crime = new(2, "002_crime.sql", "INSERT INTO genres VALUES ('Crime')");

    private readonly string schema = $"migrator_{Guid.NewGuid():N}";
    private NpgsqlDataSource? admin;
    private string connectionString = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        connectionString = $"{TestServers.Orleans};Search Path={schema};Pooling=false";
        admin = NpgsqlDataSource.Create(connectionString);
        await ExecuteAsync($"CREATE SCHEMA {schema}");
    }

    public async ValueTask DisposeAsync()
    {
        if (admin is null)
            return;

        await ExecuteAsync($"DROP SCHEMA {schema} CASCADE");
        await admin.DisposeAsync();
    }

    [Fact]
    public async Task An_empty_database_gets_every_script_and_their_records()
    {
        Assert.Equal([Drama, Crime], await MigrateAsync(Drama, Crime));

        Assert.Equal("Drama,Crime", await ScalarAsync("SELECT string_agg(name, ',') FROM genres"));
        Assert.Equal(
            $"1 001_drama.sql {Drama.Checksum},2 002_crime.sql {Crime.Checksum}",
            await ScalarAsync("SELECT string_agg(concat_ws(' ', version, name, checksum), ',' ORDER BY version) FROM schema_migrations WHERE applied_at <= now()"));
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await MigrateAsync(Drama, Crime);
        Assert.Empty(await MigrateAsync(Drama, Crime));
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM genres"));
    }

    [Fact]
    public async Task An_older_database_gets_what_it_lacks_and_keeps_what_it_has()
    {
        await MigrateAsync(Drama);
        await ExecuteAsync("INSERT INTO genres VALUES ('Horror')");

        Assert.Equal([Crime], await MigrateAsync(Drama, Crime));

        Assert.Equal("Crime,Drama,Horror", await ScalarAsync("SELECT string_agg(name, ',' ORDER BY name) FROM genres"));
    }

    [Fact]
    public async Task Many_silos_may_start_at_once_on_an_empty_database()
    {
        var applied = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => MigrateAsync(Drama, Crime), Cancel)));

        Assert.Equal(2, applied.Sum(scripts => scripts.Count));
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM genres"));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused_and_left_alone()
    {
        await MigrateAsync(Drama);
        await ExecuteAsync("INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'later.sql', 'x')");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(Drama, Crime));

        Assert.Contains("9999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Test", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM genres"));
    }

    [Fact]
    public async Task An_older_program_works_on_while_each_newer_script_says_that_it_may()
    {
        var added = new MigrationScript(3, "003_added.sql", "-- min-compatible: 2\nALTER TABLE genres ADD COLUMN note text");
        var more = new MigrationScript(4, "004_more.sql", "-- min-compatible: 3\nALTER TABLE genres ADD COLUMN more text");
        await MigrateAsync(Drama, Crime, added);

        Assert.Empty(await MigrateAsync(Drama, Crime));
        await MigrateAsync(Drama, Crime, added, more);
        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(Drama, Crime));

        Assert.Contains("needs a program that knows 3", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await MigrateAsync(Drama, Crime, added));
    }

    [Fact]
    public async Task A_record_of_a_program_that_wrote_no_compatibility_is_read()
    {
        await MigrateAsync(Drama);
        await ExecuteAsync("ALTER TABLE schema_migrations DROP COLUMN min_compatible");
        await using (var older = await OpenAsync())
            Assert.Equal(1, (await older.GetAppliedAsync(Cancel)).MinCompatible(0));

        Assert.Equal([Crime], await MigrateAsync(Drama, Crime));
    }

    [Fact]
    public async Task A_script_that_was_changed_after_it_was_applied_is_named()
    {
        await MigrateAsync(Drama);
        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(Drama with { Text = "CREATE TABLE genres (name text)" }));
        Assert.Contains("001_drama.sql", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_do_not_change_a_script() =>
        Assert.Equal(new MigrationScript(1, "a.sql", "SELECT 1;\nSELECT 2;\n").Checksum, new MigrationScript(1, "a.sql", "SELECT 1;\r\nSELECT 2;\r\n").Checksum);

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_behind_and_is_named()
    {
        var broken = new MigrationScript(2, "002_broken.sql", "CREATE TABLE half (a int); INSERT INTO genres VALUES ('Crime'); SELECT 1 / 0");

        var refusal = await Assert.ThrowsAsync<StartupException>(() => MigrateAsync(Drama, broken));

        Assert.Contains("002_broken.sql", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("Drama", await ScalarAsync("SELECT string_agg(name, ',') FROM genres"));
        Assert.Equal(1, await ScalarAsync("SELECT max(version) FROM schema_migrations"));
        Assert.Equal(DBNull.Value, await ScalarAsync("SELECT to_regclass('half')::text"));
        Assert.Equal([Crime], await MigrateAsync(Drama, Crime));
    }

    [Fact]
    public async Task Whoever_cannot_get_the_lock_is_told_who_has_it()
    {
        await using var holder = await OpenAsync();
        await Migrator.MigrateAsync(holder, [Drama], Cancel);
        await using var second = await OpenAsync(lockWait: TimeSpan.Zero);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => Migrator.MigrateAsync(second, [Drama], Cancel));

        Assert.Contains($"pid {holder.Connection.ProcessID} of streaming", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_changes_nothing_and_names_what_is_missing()
    {
        await using (var empty = await OpenAsync())
            Assert.Contains("001_drama.sql", (await Assert.ThrowsAsync<StartupException>(() => Migrator.CheckAsync(empty, [Drama, Crime], Cancel))).Message, StringComparison.Ordinal);

        Assert.Equal(DBNull.Value, await ScalarAsync("SELECT to_regclass('schema_migrations')::text"));
        await MigrateAsync(Drama);
        await using var older = await OpenAsync();
        Assert.Contains("002_crime.sql", (await Assert.ThrowsAsync<StartupException>(() => Migrator.CheckAsync(older, [Drama, Crime], Cancel))).Message, StringComparison.Ordinal);
        await Migrator.CheckAsync(older, [Drama], Cancel);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Database=d;Username=u;Password=hidden", "does not answer")]
    [InlineData("Host=nowhere.invalid;Database=d;Username=u;Password=hidden", "does not answer")]
    [InlineData("Host=127.0.0.1;Port=what;Password=hidden", "no connection string")]
    [InlineData("Database=d;Password=hidden", "no connection string")]
    [InlineData("", "is missing")]
    public async Task A_server_that_cannot_be_reached_is_told_without_secrets(string text, string problem)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => OpenAsync(text));
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Test", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Database=no_such_database", "Create the database")]
    [InlineData("Password=wrong_password", "user and password")]
    public async Task A_server_that_refuses_is_not_waited_for(string other, string advice)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => OpenAsync($"{connectionString};{other}", wait: TimeSpan.FromHours(1)));
        Assert.Contains(advice, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong_password", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<MigrationScript>> MigrateAsync(params MigrationScript[] scripts)
    {
        await using var database = await OpenAsync();
        return (await Migrator.MigrateAsync(database, scripts, Cancel)).Scripts;
    }

    private Task<PostgresMigratedDatabase> OpenAsync(string? text = null, TimeSpan wait = default, TimeSpan? lockWait = null) =>
        PostgresMigratedDatabase.OpenAsync("Test", text ?? connectionString, wait, NullLogger.Instance, Cancel, lockWait);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = admin!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = admin!.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
