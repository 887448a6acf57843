using Microsoft.Data.Sqlite;
using Streaming.Users;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteAccessStore(EmbeddedDatabase database, TimeProvider time) : IAccessStore
{
    private const int MaxForgotten = 1_000;

    public Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken) =>
        Task.FromResult(DateTimeOffset.FromUnixTimeMilliseconds(Now));

    private const string SelectChanges = """
        SELECT subject, id, is_blocked, role, changed_at FROM auth_access_changes
        WHERE changed_at >= $since AND ($at IS NULL OR (changed_at, id) > ($at, $id))
        ORDER BY changed_at, id LIMIT $limit
        """;

    public Task<IReadOnlyList<AccessChange>> ListChangesAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        ListAsync(SelectChanges, since, after, limit, cancellationToken);

    private const string SelectBlocked = """
        SELECT subject, id, is_blocked, role, changed_at FROM auth_access_changes
        WHERE subject = 'account' AND is_blocked AND changed_at >= $since AND ($at IS NULL OR (changed_at, id) > ($at, $id))
        ORDER BY changed_at, id LIMIT $limit
        """;

    public Task<IReadOnlyList<AccessChange>> ListBlockedAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        ListAsync(SelectBlocked, since, after, limit, cancellationToken);

    private async Task<IReadOnlyList<AccessChange>> ListAsync(
        string select, DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync(
            c => c.Query(
                ToChange, select,
                ("$since", since.ToUnixTimeMilliseconds()), ("$at", after is { } last ? MillisecondsOf(last.Sort) : null), ("$id", after?.Id.ToBlob()), ("$limit", limit)),
            cancellationToken);

    private static long MillisecondsOf(long ticks) => (ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;

    private const string DeleteChanges = """
        DELETE FROM auth_access_changes WHERE (subject, id) IN (
            SELECT a.subject, a.id FROM auth_access_changes a
            WHERE a.changed_at < $before
              AND NOT (a.subject = 'account' AND a.is_blocked
                  AND (a.changed_at >= $blocked OR EXISTS (SELECT 1 FROM users u WHERE u.user_id = a.id AND u.banned_at IS NOT NULL)))
            ORDER BY a.changed_at, a.id LIMIT $limit)
        """;

    public Task<int> ForgetChangesAsync(DateTimeOffset before, DateTimeOffset blockedBefore, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(
            c => c.Execute(
                DeleteChanges,
                ("$before", before.ToUnixTimeMilliseconds()), ("$blocked", blockedBefore.ToUnixTimeMilliseconds()), ("$limit", MaxForgotten)),
            cancellationToken);

    // The change of an account that is gone says that it is blocked.
    private const string InsertKey = """
        INSERT INTO auth_api_keys (key_id, name, made_by, key_hash, created_at)
        SELECT $key, $name, $maker, $hash, $at
        WHERE (SELECT count(*) FROM auth_api_keys WHERE revoked_at IS NULL) < $max
          AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = $maker AND (role <> 'admin' OR banned_at IS NOT NULL))
          AND NOT EXISTS (SELECT 1 FROM auth_access_changes WHERE subject = 'account' AND id = $maker AND is_blocked)
        """;

    public Task<bool> AddKeyAsync(ApiKey key, byte[] hash, int maxKeys, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(
            InsertKey,
            ("$key", key.KeyId.ToBlob()), ("$name", key.Name), ("$maker", key.MadeBy?.ToBlob()), ("$hash", hash),
            ("$at", key.CreatedAt.ToUnixTimeMilliseconds()), ("$max", maxKeys)) > 0,
        cancellationToken);

    private const string KeyColumns = "key_id, name, made_by, created_at, revoked_at, key_hash";

    private const string SelectGood = $"""
        SELECT {KeyColumns} FROM auth_api_keys WHERE revoked_at IS NULL ORDER BY created_at DESC, key_id DESC
        """;

    private const string SelectRevoked = $"""
        SELECT {KeyColumns} FROM auth_api_keys WHERE revoked_at IS NOT NULL ORDER BY revoked_at DESC, key_id DESC LIMIT $limit
        """;

    public async Task<IReadOnlyList<StoredApiKey>> ListKeysAsync(int revoked, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync<IReadOnlyList<StoredApiKey>>(
            c =>
            {
                // One transaction, so that a key that is revoked meanwhile is in one of the two.
                using var transaction = c.BeginTransaction(deferred: true);
                return [.. c.Query(ToKey, SelectGood), .. c.Query(ToKey, SelectRevoked, ("$limit", revoked))];
            },
            cancellationToken);

    private const string Revoke = "UPDATE auth_api_keys SET revoked_at = coalesce(revoked_at, $now) WHERE key_id = $key";

    public Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(Revoke, ("$key", keyId.ToBlob()), ("$now", Now)) > 0, cancellationToken);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static AccessChange ToChange(SqliteDataReader r) => new(
        AccountRoles.SubjectFromColumn(r.GetString(0)), r.GetId(1), r.GetBoolean(2),
        r.GetText(3) is { } role ? AccountRoles.FromColumn(role) : null, r.GetMoment(4));

    private static StoredApiKey ToKey(SqliteDataReader r) => new(
        new ApiKey(r.GetId(0), r.GetString(1), r.IsDBNull(2) ? null : r.GetId(2), r.GetMoment(3), r.IsDBNull(4) ? null : r.GetMoment(4)), r.GetFieldValue<byte[]>(5));
}
