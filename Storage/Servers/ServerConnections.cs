using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;

namespace Streaming.Storage.Servers;

/// <summary>
/// The pools of the servers family: one a server, for the life of the process. Nothing connects before it is used, so a
/// server that is away at the start is found out by whoever needs it.
/// </summary>
internal sealed class ServerConnections : IAsyncDisposable
{
    private const int MaxPoolSize = 16;
    private const int FederatedPoolSize = 8;
    private const string DefaultMongoDatabase = "streaming";
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(5);

    private readonly ConfigurationOptions? redisOptions;
    private readonly RedisWatch? redisWatch;
    private readonly Lock gate = new();
    private Task<ConnectionMultiplexer>? redis;

    /// <exception cref="StartupException">A connection string is missing or cannot be read.</exception>
    public ServerConnections(ConnectionOptions options, RedisWatch? redisWatch = null)
    {
        this.redisWatch = redisWatch;
        Metadata = Pool(nameof(options.Metadata), options.Metadata);
        Federated = Pool(nameof(options.Metadata), options.Metadata, FederatedPoolSize, nameof(Federated));
        Analytics = Pool(nameof(options.Analytics), options.Analytics);
        AnalyticsReplica = string.IsNullOrEmpty(options.AnalyticsReplica) ? null : Pool(nameof(options.AnalyticsReplica), options.AnalyticsReplica, purpose: "analytics_replica");
        Mongo = OpenMongo(options.Mongo);
        redisOptions = string.IsNullOrEmpty(options.Redis) ? null : ParseRedis(options.Redis);
    }

    public NpgsqlDataSource Metadata { get; }

    /// <summary>
    /// The metadata database too, for queries that reach from there to the analytics servers: while those hang, nothing
    /// else may wait for a connection. Each of its sessions keeps one open to them.
    /// </summary>
    public NpgsqlDataSource Federated { get; }

    public NpgsqlDataSource Analytics { get; }

    /// <summary>Null where no replica is configured.</summary>
    public NpgsqlDataSource? AnalyticsReplica { get; }

    public IMongoDatabase Mongo { get; }

    public bool HasRedis => redisOptions is not null;

    /// <summary>
    /// Redis, where one is configured. Connects at the first use and reconnects by itself; while it is away commands fail at once.
    /// </summary>
    public Task<ConnectionMultiplexer> GetRedisAsync()
    {
        lock (gate)
        {
            if (redis is null or { IsFaulted: true } or { IsCanceled: true })
                redis = ConnectAsync(redisOptions ?? throw new InvalidOperationException("No Redis is configured."));

            return redis;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        redisWatch?.Opened(connection);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await Metadata.DisposeAsync();
        await Federated.DisposeAsync();
        await Analytics.DisposeAsync();
        if (AnalyticsReplica is not null)
            await AnalyticsReplica.DisposeAsync();

        Mongo.Client.Dispose();
        // One that never came has nothing to close.
        if (redis is { IsCompletedSuccessfully: true } open)
            await open.Result.DisposeAsync();
    }

    /// <exception cref="StartupException">It is missing or cannot be read.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string name, string? connectionString)
    {
        if (string.IsNullOrEmpty(connectionString))
            throw new StartupException($"ConnectionStrings:{name} is missing, and Storage:Family is Servers. Set it, for example with ConnectionStrings__{name}.");

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            ArgumentException.ThrowIfNullOrEmpty(settings.Host);
            return settings;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            // Its message may quote the string, which holds a password.
            throw new StartupException($"ConnectionStrings:{name} is no connection string of PostgreSQL (Host=…;Database=…;Username=…;Password=…).", e);
        }
    }

    /// <summary>
    /// What the connection string says wins; the rest is set on purpose. The server ends transactions that their client
    /// has left idle, so that a paused process holds no lock for ever.
    /// </summary>
    /// <param name="purpose">What metrics and traces call it; the connection string's name when not given.</param>
    internal static NpgsqlDataSource Pool(string name, string? connectionString, int maxPoolSize = MaxPoolSize, string? purpose = null)
    {
        var own = Parse(name, connectionString);
        var builder = new NpgsqlConnectionStringBuilder
        {
            ApplicationName = "streaming",
            Timeout = (int)ConnectTimeout.TotalSeconds,
            CommandTimeout = (int)CommandTimeout.TotalSeconds,
            CancellationTimeout = 1_000,
            KeepAlive = 15,
            MaxPoolSize = maxPoolSize,
            NoResetOnClose = true,
            Enlist = false,
            Options = "-c idle_in_transaction_session_timeout=5s -c lock_timeout=3s",
        };
        foreach (var key in own.Keys)
            builder[key] = own[key];

        return new NpgsqlDataSourceBuilder(builder.ConnectionString) { Name = (purpose ?? name).ToLowerInvariant() }.Build();
    }

    /// <summary>A client of its own; whoever opens it disposes it.</summary>
    /// <exception cref="StartupException">It is missing or cannot be read.</exception>
    public static IMongoDatabase OpenMongo(string? connectionString)
    {
        if (string.IsNullOrEmpty(connectionString))
            throw new StartupException("ConnectionStrings:Mongo is missing, and Storage:Family is Servers. Set it, for example with ConnectionStrings__Mongo.");

        try
        {
            var url = new MongoUrl(connectionString);
            var settings = MongoClientSettings.FromUrl(url);
            settings.ApplicationName = "streaming";
            settings.ServerSelectionTimeout = TimeSpan.FromSeconds(2);
            settings.ConnectTimeout = TimeSpan.FromSeconds(2);
            settings.SocketTimeout = CommandTimeout;
            settings.WaitQueueTimeout = TimeSpan.FromSeconds(2);
            return new MongoClient(settings).GetDatabase(url.DatabaseName ?? DefaultMongoDatabase);
        }
        catch (Exception e) when (e is MongoConfigurationException or ArgumentException or FormatException or OverflowException)
        {
            throw new StartupException("ConnectionStrings:Mongo is no connection string of MongoDB (mongodb://host:27017/database).", e);
        }
    }

    internal static ConfigurationOptions ParseRedis(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            options.ClientName ??= "streaming";
            options.AbortOnConnectFail = false;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
            options.AsyncTimeout = options.SyncTimeout = 2_000;
            return options;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            throw new StartupException("ConnectionStrings:Redis is no connection string of Redis (host:6379,password=…).", e);
        }
    }
}
