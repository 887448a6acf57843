using System.Collections.Concurrent;
using System.Diagnostics;
using MongoDB.Driver;
using Npgsql;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>The scripts under <c>deploy/backup</c>, from databases that a cluster uses to others that are empty.</summary>
[Collection(ServersTests.Name)]
public sealed class ServerBackupTests : IAsyncLifetime
{
    private readonly string id = Guid.NewGuid().ToString("N")[..12];
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentBag<NpgsqlConnectionStringBuilder> made = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        foreach (var database in made)
            await ExecuteAsync(database.ConnectionString, $"DROP DATABASE IF EXISTS {database.Database} WITH (FORCE)", "postgres");

        foreach (var name in new[] { "from", "to" })
        {
            using var client = new MongoClient(MongoOf(name));
            await client.DropDatabaseAsync(MongoUrl.Create(MongoOf(name)).DatabaseName, CancellationToken.None);
        }
    }

    [Fact]
    public async Task Backup_under_load_has_all_that_was_acknowledged_before_it_and_counts_it_once()
    {
        var (making, to) = (MakeAsync("from"), await MakeAsync("to"));
        var from = await making;
        var (copy, media) = (Path.Combine(folder.Path, "backup"), Path.Combine(folder.Path, "media"));
        using var traces = new BackupTraces();
        await using (var cluster = new SiloCluster([.. UploadSettings.Cluster, .. from, ("Ledger__MaxApplyIntervalMilliseconds", "1000"), ("Seed__Enabled", "true"), ("Seed__Titles", "10")]))
        {
            var starting = cluster.StartSiloAsync();
            var front = await cluster.StartFrontAsync();
            await starting;
            await traces.LeaveAsync(front.Address);
            await traces.BackUpAsync(() => RunAsync("backup", copy, [.. from, ("Media__Path", cluster.MediaFolder)]));
        }

        await RunAsync("restore", copy, [.. to, ("Media__Path", media)]);
        await using var restored = new SiloCluster([.. UploadSettings.Cluster, .. to, ("Media__Path", media), ("Ledger__MaxApplyIntervalMilliseconds", "1000")]);
        var restarting = restored.StartSiloAsync();
        await traces.AreThereAsync((await restored.StartFrontAsync()).Address, media);
        await (await restarting).StopAsync();
        Assert.Equal(0L, await ScalarAsync(to, "Metadata", "SELECT (SELECT count(*) FROM ledger_writers) + (SELECT count(*) FROM view_journal)"));
        Assert.Equal(
            0L,
            await ScalarAsync(to, "Metadata", "SELECT count(*) FROM content_views v WHERE views <> (SELECT coalesce(sum(d.views), 0) FROM trending_daily d WHERE d.content_id = v.content_id)"));
        Assert.True(await CountReviewsAsync("from") > 0);
        Assert.Equal(await CountReviewsAsync("from"), await CountReviewsAsync("to"));
    }

    private async Task<(string Name, string Value)[]> MakeAsync(string name)
    {
        var settings = new List<(string, string)> { ("ConnectionStrings__AnalyticsReplica", ""), ("ConnectionStrings__Mongo", MongoOf(name)) };
        foreach (var (key, text) in new[] { ("Metadata", TestServers.Metadata), ("Analytics", TestServers.Analytics), ("Orleans", TestServers.Orleans) })
        {
            var database = new NpgsqlConnectionStringBuilder(text) { Database = $"{key.ToLowerInvariant()}_{name}_{id}_test" };
            await ExecuteAsync(text, $"CREATE DATABASE {database.Database}");
            made.Add(database);
            settings.Add(($"ConnectionStrings__{key}", database.ConnectionString));
        }

        return [.. settings];
    }

    private string MongoOf(string name) => new MongoUrlBuilder(TestServers.Mongo) { DatabaseName = $"{name}_{id}_test" }.ToString();

    private async Task<long> CountReviewsAsync(string name)
    {
        using var client = new MongoClient(MongoOf(name));
        return (await client.GetDatabase(MongoUrl.Create(MongoOf(name)).DatabaseName).GetCollection<MongoDB.Bson.BsonDocument>("reviews").Find("{}").ToListAsync(Cancel)).Count;
    }

    private static async Task RunAsync(string script, string copy, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(ServerScript.Repository, "deploy", "backup", script), [copy]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (key, value) in TestServers.Settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        start.Environment["STREAMING_SILO"] = $"dotnet {Path.Combine(Environment.GetEnvironmentVariable("STREAMING_TEST_PROGRAMS") ?? AppContext.BaseDirectory, "Streaming.Silo.dll")}";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await errors}");
        Assert.DoesNotContain(new NpgsqlConnectionStringBuilder(TestServers.Metadata).Password!, await output + await errors, StringComparison.Ordinal);
    }

    private static async Task ExecuteAsync(string text, string sql, string? database = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(text) { Pooling = false };
        settings.Database = database ?? settings.Database;
        await using var source = NpgsqlDataSource.Create(settings);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    private static async Task<object?> ScalarAsync((string Name, string Value)[] settings, string key, string sql)
    {
        await using var source = NpgsqlDataSource.Create(settings.Single(setting => setting.Name == $"ConnectionStrings__{key}").Value + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
