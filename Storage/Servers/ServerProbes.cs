using System.Data.Common;
using MongoDB.Bson;

namespace Streaming.Storage.Servers;

/// <summary>One cheap question to each server, over the pools that the stores use.</summary>
internal sealed class ServerProbes(ServerConnections servers, OrleansServers orleans)
{
    public Task MetadataAsync(CancellationToken cancellationToken) => AskAsync(servers.Metadata, cancellationToken);

    public Task AnalyticsAsync(CancellationToken cancellationToken) => AskAsync(servers.Analytics, cancellationToken);

    public Task AnalyticsReplicaAsync(CancellationToken cancellationToken) => AskAsync(servers.AnalyticsReplica!, cancellationToken);

    public Task OrleansAsync(CancellationToken cancellationToken) => AskAsync(orleans.Database, cancellationToken);

    public Task MongoAsync(CancellationToken cancellationToken) =>
        servers.Mongo.RunCommandAsync<BsonDocument>(new BsonDocument("ping", 1), cancellationToken: cancellationToken);

    public async Task RedisAsync(CancellationToken cancellationToken) =>
        await (await servers.GetRedisAsync().WaitAsync(cancellationToken)).GetDatabase().PingAsync();

    private static async Task AskAsync(DbDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
