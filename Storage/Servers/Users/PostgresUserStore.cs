using NpgsqlTypes;
using Streaming.Users;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresUserStore(ServerConnections connections, ReplicaReader replica) : IUserStore
{
    private const string Store = "The analytics database";

    private const string SelectIds = """
        SELECT user_id FROM users WHERE $1 IS NULL OR user_id > $1 ORDER BY user_id LIMIT $2
        """;

    public async Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        await replica.ReadAsync(
            (source, cancel) => (source == Source.Replica ? connections.AnalyticsReplica! : connections.Analytics)
                .Command(SelectIds, after is { } id ? Value(id) : Null(NpgsqlDbType.Uuid), Value(limit))
                .ReadAsync(Store, reader => reader.GetGuid(0), cancel),
            cancellationToken);

    private const string SelectNames = """
        SELECT user_id, username FROM users WHERE user_id = ANY ($1)
        """;

    public async Task<IReadOnlyDictionary<Guid, string>> GetUsernamesAsync(
        IReadOnlyCollection<Guid> userIds, CancellationToken cancellationToken)
    {
        var names = await connections.Analytics.Command(SelectNames, Value(userIds.ToArray()))
            .ReadAsync(Store, reader => KeyValuePair.Create(reader.GetGuid(0), reader.GetString(1)), cancellationToken);
        return new Dictionary<Guid, string>(names);
    }
}
