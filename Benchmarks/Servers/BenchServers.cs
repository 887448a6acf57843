using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;
using Streaming.Storage.Servers;

namespace Streaming.Benchmarks.Servers;

/// <summary>
/// Databases of the harness's own on the servers that the environment names, made at the start and dropped at the end. What a
/// connection string itself calls a bench (a Citus that somebody prepared, say) is emptied and stays; nothing else is touched.
/// </summary>
internal sealed class BenchServers : IAsyncDisposable
{
    private const string Prefix = "ConnectionStrings__";
    private const string Bench = "bench";
    private const string MongoDatabase = "streaming_bench";
    private const int RedisDatabase = 13;
    private const string RedisMark = "streaming:bench";

    private readonly NpgsqlConnection guard;
    private readonly List<(NpgsqlConnectionStringBuilder Server, string Database)> made = [];

    private BenchServers(NpgsqlConnection guard) => this.guard = guard;

    /// <summary>For every program of a cluster. The replica is left out: no view passes it.</summary>
    public Dictionary<string, string> Environment { get; } = new()
    {
        ["Storage__Family"] = "Servers",
        [$"{Prefix}AnalyticsReplica"] = "",
    };

    public NpgsqlDataSource Metadata { get; private set; } = null!;

    public NpgsqlDataSource Orleans { get; private set; } = null!;

    public string Redis => Environment[$"{Prefix}Redis"];

    /// <exception cref="BenchmarkException">The environment does not name the servers, or another run uses them.</exception>
    public static async Task<BenchServers> CreateAsync(CancellationToken cancellationToken)
    {
        string[] names = ["Metadata", "Analytics", "Orleans", "Mongo", "Redis"];
        var missing = names.Where(name => string.IsNullOrEmpty(System.Environment.GetEnvironmentVariable(Prefix + name))).ToArray();
        if (missing.Length > 0)
            throw new BenchmarkException($"these scenarios need the servers family, and {string.Join(", ", missing.Select(name => Prefix + name))} is not set: run `eng/servers up`, then `eval \"$(eng/servers env)\"`");

        var servers = new BenchServers(await LockAsync(Named("Metadata"), cancellationToken));
        try
        {
            servers.Metadata = await servers.MakeAsync("Metadata", cancellationToken);
            servers.Orleans = await servers.MakeAsync("Orleans", cancellationToken);
            await using (await servers.MakeAsync("Analytics", cancellationToken))
            {
                // The silos' alone.
            }

            await servers.MakeMongoAsync(cancellationToken);
            await servers.MakeRedisAsync();
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Metadata is not null)
            await Metadata.DisposeAsync();
        if (Orleans is not null)
            await Orleans.DisposeAsync();

        foreach (var (server, database) in made)
        {
            await using var connection = await OpenAsync(server, CancellationToken.None);
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {SetupCommands.Identifier(database)} WITH (FORCE)", CancellationToken.None);
            // Roles belong to the server; this one is of that database's federation.
            await connection.ExecuteAsync($"DROP ROLE IF EXISTS {SetupCommands.Identifier($"streaming_federation_{database}")}", CancellationToken.None);
        }

        if (Environment.TryGetValue($"{Prefix}Mongo", out var mongo))
        {
            using var client = new MongoClient(mongo);
            await client.DropDatabaseAsync(MongoDatabase);
        }

        if (Environment.ContainsKey($"{Prefix}Redis"))
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(Redis);
            await redis.GetDatabase().ExecuteAsync("FLUSHDB");
        }

        await guard.DisposeAsync();
    }

    private static string Named(string name) => System.Environment.GetEnvironmentVariable(Prefix + name)!;

    /// <summary>One run at a time: the names of its databases are fixed, so that what a killed run has left is found.</summary>
    private static async Task<NpgsqlConnection> LockAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(new NpgsqlConnectionStringBuilder(connectionString), cancellationToken);
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock(481349494)", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
            return connection;

        await connection.DisposeAsync();
        throw new BenchmarkException("another benchmark runs on these servers");
    }

    private static async Task<NpgsqlConnection> OpenAsync(NpgsqlConnectionStringBuilder server, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "postgres", Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (NpgsqlException e)
        {
            await connection.DisposeAsync();
            throw new BenchmarkException($"PostgreSQL at {server.Host}:{server.Port} cannot be used: {e.Message}");
        }
    }

    private const string Empty = """
        DO $$
        BEGIN
            IF to_regclass('view_journal_quarantine') IS NOT NULL THEN
                TRUNCATE content_metadata, content_genres, content_cast_crew, genres, cast_crew, ledger_writers, view_journal,
                    view_journal_quarantine, content_views, trending_hourly, trending_daily, view_receipts;
            END IF;
        END $$
        """;

    private async Task<NpgsqlDataSource> MakeAsync(string name, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(Named(name));
        var isOwn = settings.Database!.Contains(Bench, StringComparison.OrdinalIgnoreCase);
        if (!isOwn)
        {
            settings.Database = $"{settings.Database.Replace("_db", "", StringComparison.Ordinal)}_{Bench}";
            await using var connection = await OpenAsync(settings, cancellationToken);
            made.Add((settings, settings.Database));
            await connection.ExecuteAsync($"DROP DATABASE IF EXISTS {SetupCommands.Identifier(settings.Database)} WITH (FORCE)", cancellationToken);
            await connection.ExecuteAsync($"CREATE DATABASE {SetupCommands.Identifier(settings.Database)}", cancellationToken);
        }

        Environment[Prefix + name] = settings.ConnectionString;
        var database = NpgsqlDataSource.Create(settings);
        if (isOwn)
            await database.Command(Empty).ExecuteAsync(cancellationToken);

        return database;
    }

    private async Task MakeMongoAsync(CancellationToken cancellationToken)
    {
        var url = new MongoUrlBuilder(Named("Mongo")) { DatabaseName = MongoDatabase };
        using var client = new MongoClient(url.ToMongoUrl());
        await client.DropDatabaseAsync(MongoDatabase, cancellationToken);
        Environment[$"{Prefix}Mongo"] = url.ToString();
    }

    private async Task MakeRedisAsync()
    {
        var options = ConfigurationOptions.Parse(Named("Redis"));
        options.DefaultDatabase = RedisDatabase;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var database = redis.GetDatabase();
        if ((long)await database.ExecuteAsync("DBSIZE") > 0 && !await database.KeyExistsAsync(RedisMark))
            throw new BenchmarkException($"database {RedisDatabase} of Redis holds keys that are not of a benchmark");

        await database.ExecuteAsync("FLUSHDB");
        await database.StringSetAsync(RedisMark, 1);
        Environment[$"{Prefix}Redis"] = options.ToString(includePassword: true);
    }
}
