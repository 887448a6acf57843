using Streaming.Users;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteUserStore(EmbeddedDatabase database) : IUserStore
{
    private const string SelectIds = """
        SELECT user_id FROM users WHERE $after IS NULL OR user_id > $after ORDER BY user_id LIMIT $limit
        """;

    public async Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync(
            c => c.Query(r => r.GetId(0), SelectIds, ("$after", after?.ToBlob()), ("$limit", limit)), cancellationToken);

    private const string SelectNames = """
        SELECT user_id, username FROM users WHERE user_id IN (SELECT unhex(value) FROM json_each($ids))
        """;

    public async Task<IReadOnlyDictionary<Guid, string>> GetUsernamesAsync(
        IReadOnlyCollection<Guid> userIds, CancellationToken cancellationToken)
    {
        var names = await database.Analytics.ReadAsync(
            c => c.Query(r => KeyValuePair.Create(r.GetId(0), r.GetString(1)), SelectNames, ("$ids", userIds.ToJsonArray())), cancellationToken);
        return new Dictionary<Guid, string>(names);
    }
}
