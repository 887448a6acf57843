using Npgsql;
using NpgsqlTypes;
using Streaming.Users;
using static Streaming.Storage.Servers.PostgresAccessChanges;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone; batches as in <see cref="PostgresAccountStore"/>.</summary>
internal sealed class PostgresAccessStore(ServerConnections connections) : IAccessStore
{
    private const string Store = "The analytics database";
    private const int MaxForgotten = 1_000;

    public async Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) =>
        (await connections.Analytics.Command("SELECT clock_timestamp()").ReadAsync(Store, r => r.GetMoment(0), cancellationToken)).Single();

    private const string SelectChanges = """
        SELECT subject, id, is_blocked, role, changed_at FROM auth.access_changes
        WHERE changed_at >= $1 AND (changed_at, id) > ($2, $3)
        ORDER BY changed_at, id LIMIT $4
        """;

    public Task<IReadOnlyList<AccessChange>> ListChangesAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        ListAsync(SelectChanges, since, after, limit, cancellationToken);

    private const string SelectBlocked = """
        SELECT subject, id, is_blocked, role, changed_at FROM auth.access_changes
        WHERE subject = 'account' AND is_blocked AND changed_at >= $1 AND (changed_at, id) > ($2, $3)
        ORDER BY changed_at, id LIMIT $4
        """;

    public Task<IReadOnlyList<AccessChange>> ListBlockedAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        ListAsync(SelectBlocked, since, after, limit, cancellationToken);

    private async Task<IReadOnlyList<AccessChange>> ListAsync(
        string select, DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var (at, id) = after is { } last ? (new DateTimeOffset(last.Sort, TimeSpan.Zero), last.Id) : (DateTimeOffset.UnixEpoch, Guid.Empty);
        return await connections.Analytics
            .Command(select, Value(since.ToUniversalTime()), Value(at), Value(id), Value(limit))
            .ReadAsync(Store, ToChange, cancellationToken);
    }

    private const string DeleteChanges = """
        DELETE FROM auth.access_changes WHERE (subject, id) IN (
            SELECT a.subject, a.id FROM auth.access_changes a
            WHERE a.changed_at < $1
              AND NOT (a.subject = 'account' AND a.is_blocked
                  AND (a.changed_at >= $3 OR EXISTS (SELECT 1 FROM users u WHERE u.user_id = a.id AND u.banned_at IS NOT NULL)))
            ORDER BY a.changed_at, a.id LIMIT $2 FOR UPDATE OF a SKIP LOCKED)
        """;

    public Task<int> ForgetChangesAsync(DateTimeOffset before, DateTimeOffset blockedBefore, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics
            .Command(DeleteChanges, Value(before.ToUniversalTime()), Value(MaxForgotten), Value(blockedBefore.ToUniversalTime()))
            .ExecuteAsync(cancellationToken));

    // Any number will do that nothing else locks.
    private const string LockKeys = "SELECT pg_advisory_xact_lock(1398034509, 2)";

    // The change of an account that is gone says that it is blocked.
    private const string InsertKey = """
        INSERT INTO auth.api_keys (key_id, name, made_by, key_hash, created_at)
        SELECT $1, $2, $3, $4, $5
        WHERE (SELECT count(*) FROM auth.api_keys WHERE revoked_at IS NULL) < $6
          AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = $3 AND (role <> 'admin' OR banned_at IS NOT NULL))
          AND NOT EXISTS (SELECT 1 FROM auth.access_changes WHERE subject = 'account' AND id = $3 AND is_blocked)
        """;

    public Task<bool> AddKeyAsync(ApiKey key, byte[] hash, int maxKeys, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var batch = connections.Analytics.CreateBatch()
            .With(LockAdministrators)
            .With(LockKeys)
            .With(
                InsertKey,
                Value(key.KeyId), Value(key.Name), key.MadeBy is { } maker ? Value(maker) : Null(NpgsqlDbType.Uuid), Value(hash), Value(key.CreatedAt.ToUniversalTime()), Value(maxKeys));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return batch.BatchCommands[^1].RecordsAffected > 0;
    });

    private const string KeyColumns = "key_id, name, made_by, created_at, revoked_at, key_hash";

    private const string SelectKeys = $"""
        SELECT {KeyColumns} FROM (
            SELECT {KeyColumns} FROM auth.api_keys WHERE revoked_at IS NULL
            UNION ALL
            (SELECT {KeyColumns} FROM auth.api_keys WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, key_id DESC LIMIT $1)) keys
        ORDER BY revoked_at DESC NULLS FIRST, CASE WHEN revoked_at IS NULL THEN created_at END DESC, key_id DESC
        """;

    public async Task<IReadOnlyList<StoredApiKey>> ListKeysAsync(int revoked, CancellationToken cancellationToken) =>
        await connections.Analytics.Command(SelectKeys, Value(revoked)).ReadAsync(Store, ToKey, cancellationToken);

    private const string Revoke = "UPDATE auth.api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE key_id = $1";

    public Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store, async () => await connections.Analytics.Command(Revoke, Value(keyId)).ExecuteAsync(cancellationToken) > 0);

    private static AccessChange ToChange(NpgsqlDataReader r) => new(
        AccountRoles.SubjectFromColumn(r.GetString(0)), r.GetGuid(1), r.GetBoolean(2),
        r.GetText(3) is { } role ? AccountRoles.FromColumn(role) : null, r.GetMoment(4));

    private static StoredApiKey ToKey(NpgsqlDataReader r) => new(
        new ApiKey(r.GetGuid(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetGuid(2), r.GetMoment(3), r.IsDBNull(4) ? null : r.GetMoment(4)), r.GetFieldValue<byte[]>(5));
}
