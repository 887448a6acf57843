using System.Data.Common;
using Npgsql;
using StackExchange.Redis;

namespace Streaming.Storage.Servers;

/// <summary>
/// The servers that Orleans' own providers use: membership, reminders and grain state. A front in client mode has these and
/// no others.
/// </summary>
public sealed class OrleansServers : IAsyncDisposable
{
    /// <summary>By which Orleans' ADO.NET providers know Npgsql.</summary>
    public const string Invariant = "Npgsql";

    private readonly NpgsqlDataSource database;

    private OrleansServers(NpgsqlDataSource database, ConfigurationOptions? redis)
    {
        this.database = database;
        Redis = redis;
    }

    public DbDataSource Database => database;

    /// <summary>Null where none is configured. Lets a silo start while Redis is away.</summary>
    public ConfigurationOptions? Redis { get; }

    /// <exception cref="StartupException">A connection string is missing or cannot be read.</exception>
    public static OrleansServers Open(ConnectionOptions options)
    {
        var redis = string.IsNullOrEmpty(options.Redis) ? null : ServerConnections.ParseRedis(options.Redis);
        return new OrleansServers(ServerConnections.Pool(nameof(options.Orleans), options.Orleans), redis);
    }

    /// <summary>A connection for one of Orleans' providers.</summary>
    public static async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions redis, RedisWatch? watch)
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        watch?.Opened(connection);
        return connection;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
