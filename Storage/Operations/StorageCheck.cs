using Streaming.Storage.Embedded;
using Streaming.Storage.Servers;

namespace Streaming.Storage.Operations;

/// <summary>Looks at every database that a program would use, all at the same time, and changes nothing.</summary>
public static class StorageCheck
{
    /// <param name="asClient">Of silos elsewhere, which have the other databases.</param>
    public static IReadOnlyList<Task<Finding>> Begin(StorageOptions storage, ConnectionOptions connections, string clusterId, bool asClient, CancellationToken cancellationToken)
    {
        if (storage.Family == StorageFamily.Embedded)
            return [.. FileCheck.Begin(storage.Path, cancellationToken)];

        var postgres = new PostgresCheck(storage.Migrate, cancellationToken);
        return
        [
            .. asClient
                ? (IEnumerable<Task<Finding>>)[postgres.MembersAsync(connections.Orleans!, clusterId)]
                : [
                    postgres.MetadataAsync(connections.Metadata!),
                    postgres.AnalyticsAsync(connections),
                    .. string.IsNullOrEmpty(connections.AnalyticsReplica) ? (IEnumerable<Task<Finding>>)[] : [postgres.ReplicaAsync(connections.AnalyticsReplica, storage.ReplicaMaxLagSeconds)],
                    postgres.OrleansAsync(connections.Orleans!, clusterId),
                    ServerCheck.MongoAsync(connections.Mongo!, cancellationToken),
                ],
            .. string.IsNullOrEmpty(connections.Redis) ? (IEnumerable<Task<Finding>>)[] : [ServerCheck.RedisAsync(connections.Redis, cancellationToken)],
        ];
    }
}
