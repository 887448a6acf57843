using MongoDB.Bson;
using MongoDB.Driver;
using StackExchange.Redis;

namespace Streaming.Storage.Servers;

/// <summary>Looks at MongoDB and Redis.</summary>
internal static class ServerCheck
{
    public static Task<Finding> MongoAsync(string text, CancellationToken cancellationToken)
    {
        var url = new MongoUrl(text);
        var database = ServerConnections.OpenMongo(text);
        var where = $"{string.Join(',', url.Servers)}/{database.DatabaseNamespace.DatabaseName}";
        return BoundedLook.AtAsync(
            nameof(ConnectionOptions.Mongo), where, "Start it, or correct the address, user and password in ConnectionStrings:Mongo.",
            async token =>
            {
                using var client = database.Client;
                try
                {
                    var build = await database.RunCommandAsync<BsonDocument>(new BsonDocument("buildInfo", 1), cancellationToken: token);
                    // Needs the rights that the reviews do.
                    var reviews = await database.GetCollection<BsonDocument>("reviews").Find(FilterDefinition<BsonDocument>.Empty).Limit(1).ToListAsync(token);
                    return (FindingState.Ok, $"MongoDB {build.GetValue("version", "?")}; {(reviews.Count == 0 ? "no reviews yet" : "has reviews")}");
                }
                catch (TimeoutException e)
                {
                    // Its message tells of the whole cluster, over pages.
                    throw new StartupException("it does not answer. Start it, or correct the address in ConnectionStrings:Mongo.", e);
                }
            },
            cancellationToken);
    }

    public static Task<Finding> RedisAsync(string text, CancellationToken cancellationToken)
    {
        var options = ServerConnections.ParseRedis(text);
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        return BoundedLook.AtAsync(
            nameof(ConnectionOptions.Redis), string.Join(',', options.EndPoints.Select(Describe)), "Start it, correct ConnectionStrings:Redis, or leave it out.",
            async token =>
            {
                ConnectionMultiplexer redis;
                try
                {
                    redis = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(token);
                }
                catch (RedisConnectionException e)
                {
                    throw new StartupException("it does not answer, or refuses the password. Start it, correct ConnectionStrings:Redis, or leave it out.", e);
                }

                await using (redis)
                {
                    var server = redis.GetServers().First(server => server.IsConnected);
                    await redis.GetDatabase().PingAsync().WaitAsync(token);
                    return server.IsReplica
                        ? (FindingState.Failed, $"Redis {server.Version} is a replica, which takes no writes. Name the master in ConnectionStrings:Redis.")
                        : (FindingState.Ok, $"Redis {server.Version}, database {redis.GetDatabase().Database}");
                }
            },
            cancellationToken);
    }

    private static string Describe(System.Net.EndPoint endpoint) => endpoint is System.Net.DnsEndPoint name ? $"{name.Host}:{name.Port}" : endpoint.ToString()!;
}
