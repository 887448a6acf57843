using System.Data.Common;
using System.Globalization;
using MongoDB.Bson;
using MongoDB.Driver;
using Npgsql;

namespace Streaming.Storage.Servers;

/// <summary>
/// One cheap attempt at each server, over the pools that the stores use: a write where the platform writes, since a server that is
/// read-only, full or cannot save answers every question.
/// </summary>
internal sealed class ServerProbes(ServerConnections servers, OrleansServers orleans, TimeSpan maxLag, TimeProvider time)
{
    /// <summary>Programs share so many rows, and none of them is left behind by those that are gone.</summary>
    private const int Rows = 64;

    private static readonly TimeSpan RedisLifetime = TimeSpan.FromSeconds(30);

    /// <summary>A replica may be behind for a moment, above all while a program starts.</summary>
    private static readonly TimeSpan LagPatience = TimeSpan.FromSeconds(5);

    private readonly int row = Random.Shared.Next(Rows);
    private long? behindSince;

    public Task MetadataAsync(CancellationToken cancellationToken) => WriteAsync(servers.Metadata, cancellationToken);

    public Task AnalyticsAsync(CancellationToken cancellationToken) => WriteAsync(servers.Analytics, cancellationToken);

    public Task OrleansAsync(CancellationToken cancellationToken) => WriteAsync(orleans.Database, cancellationToken);

    private const string SelectReplica = """
        SELECT (SELECT extract(epoch FROM now() - beat_at)::float8 FROM replication_heartbeat WHERE id = 1),
               (SELECT s.subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
                WHERE s.subname = $1 AND d.datname = current_database())
        """;

    /// <summary>Whether what is written on the master arrives: its heartbeat, which silos move, tells whatever stands in the way.</summary>
    public async Task AnalyticsReplicaAsync(CancellationToken cancellationToken)
    {
        await using var command = servers.AnalyticsReplica!.CreateCommand(SelectReplica);
        command.Parameters.Add(new NpgsqlParameter { Value = ReplicationStep.Subscription });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var lag = await reader.IsDBNullAsync(0, cancellationToken) ? (double?)null : reader.GetDouble(0);
        var enabled = await reader.IsDBNullAsync(1, cancellationToken) ? (bool?)null : reader.GetBoolean(1);
        if (enabled is not true)
            throw new InvalidOperationException(enabled is null ? "It has no subscription; the next start of a silo makes it." : "Its subscription is disabled.");

        if (lag <= maxLag.TotalSeconds)
        {
            behindSince = null;
            return;
        }

        behindSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(behindSince.Value) > LagPatience)
        {
            var slot = await DescribeSlotAsync(cancellationToken);
            throw new InvalidOperationException(lag is null
                ? $"Nothing has arrived from its master. {slot}"
                : string.Create(CultureInfo.InvariantCulture, $"It is {lag:0} s behind. {slot}"));
        }
    }

    public Task MongoAsync(CancellationToken cancellationToken) => servers.Mongo.GetCollection<BsonDocument>("health_probes").UpdateOneAsync(
        Builders<BsonDocument>.Filter.Eq("_id", row),
        Builders<BsonDocument>.Update.Set("probed_at", time.GetUtcNow().UtcDateTime),
        new UpdateOptions { IsUpsert = true }, cancellationToken);

    public async Task RedisAsync(CancellationToken cancellationToken)
    {
        var redis = await servers.GetRedisAsync().WaitAsync(cancellationToken);
        await redis.GetDatabase().StringSetAsync(string.Create(CultureInfo.InvariantCulture, $"streaming:health:{row}"), "1", RedisLifetime);
    }

    private const string Write = """
        INSERT INTO health_probes (id, probed_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET probed_at = excluded.probed_at
        """;

    private async Task WriteAsync(DbDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Write);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = row });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string SelectSlot = "SELECT coalesce(wal_status, 'unknown') FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()";

    private async Task<string> DescribeSlotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var replica = await servers.AnalyticsReplica!.OpenConnectionAsync(cancellationToken);
            await using var command = servers.Analytics.CreateCommand(SelectSlot);
            command.Parameters.Add(new NpgsqlParameter { Value = SetupCommands.NameFor(ReplicationStep.Subscription, replica) });
            return await command.ExecuteScalarAsync(cancellationToken) switch
            {
                null or "lost" => "The master has lost its slot; the next start of a silo copies the tables anew.",
                var status => $"The master's slot is {status}.",
            };
        }
        catch (NpgsqlException)
        {
            return "The master cannot be asked for its slot.";
        }
    }
}
