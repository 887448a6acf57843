using Npgsql;
using NpgsqlTypes;
using Streaming.Users;
using static Streaming.Storage.Servers.PostgresAccessChanges;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone; batches as in <see cref="PostgresAccountStore"/>.</summary>
internal sealed class PostgresSessionStore(ServerConnections connections) : ISessionStore
{
    private const string Store = "The analytics database";
    private const int MaxForgotten = 200;

    // Against a ban, a removal and another log-in, and weak enough for foreign keys.
    private const string LockAccount = "SELECT 1 FROM users WHERE user_id = $1 FOR NO KEY UPDATE";

    // Against a change of the password, whose own ending of sessions must find this one.
    private const string LockPassword = "SELECT 1 FROM auth.credentials WHERE user_id = $1 FOR SHARE";

    private const string InsertSession = """
        WITH added AS (
            INSERT INTO auth.sessions (session_id, user_id, device, created_at, last_used_at, expires_at)
            SELECT $2, user_id, $3, clock_timestamp(), clock_timestamp(), $4
            FROM users JOIN auth.credentials USING (user_id) WHERE user_id = $1 AND banned_at IS NULL AND password_hash = $6
            RETURNING session_id
        )
        INSERT INTO auth.refresh_tokens (token_hash, session_id, expires_at) SELECT $5, session_id, $4 FROM added
        """;

    private const string EndSurplus = $"""
        WITH ended AS (
            UPDATE auth.sessions SET ended_at = now() WHERE session_id IN (
                SELECT session_id FROM auth.sessions
                WHERE user_id = $1 AND ended_at IS NULL AND session_id <> $2
                  AND EXISTS (SELECT 1 FROM auth.sessions WHERE session_id = $2)
                ORDER BY last_used_at DESC, session_id DESC OFFSET $3 - 1)
            RETURNING session_id
        )
        {RecordEnds}
        """;

    public Task<bool> AddAsync(NewSession session, int maxSessions, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var batch = connections.Analytics.CreateBatch()
            .With(LockAccount, Value(session.UserId))
            .With(LockPassword, Value(session.UserId))
            .With(
                InsertSession,
                Value(session.UserId), Value(session.SessionId), session.Device is { } device ? Value(device) : Null(NpgsqlDbType.Text),
                Value(session.ExpiresAt.ToUniversalTime()), Value(session.TokenHash), Value(session.PasswordHash))
            .With(EndSurplus, Value(session.UserId), Value(session.SessionId), Value(maxSessions));
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return batch.BatchCommands[2].RecordsAffected > 0;
    });

    private const string LockSession = """
        SELECT 1 FROM auth.sessions
        WHERE session_id = (SELECT session_id FROM auth.refresh_tokens WHERE token_hash = $1) FOR NO KEY UPDATE
        """;

    // What has expired is refused as an unknown token is, so it need not be remembered. Who waited for the lock
    // began before the token was used, so a grace of none needs its own rule.
    private const string Rotate = $"""
        WITH token AS MATERIALIZED (
            SELECT s.user_id, t.session_id, s.ended_at IS NOT NULL OR t.expires_at <= now() AS is_over, t.used_at IS NOT NULL AS is_used,
                t.next_hash, t.next_sealed, n.expires_at AS next_expires_at
            FROM auth.refresh_tokens t JOIN auth.sessions s ON s.session_id = t.session_id
            LEFT JOIN auth.refresh_tokens n ON n.token_hash = t.next_hash AND n.expires_at > now()
                AND t.used_at > clock_timestamp() - $4::interval AND $4::interval > interval '0'
            WHERE t.token_hash = $1
        ),
        good AS MATERIALIZED (SELECT session_id FROM token WHERE NOT is_over AND NOT is_used),
        used AS (
            UPDATE auth.refresh_tokens SET used_at = clock_timestamp(), next_hash = $2, next_sealed = $5
            WHERE token_hash = $1 AND session_id IN (SELECT session_id FROM good)
        ),
        next AS (
            INSERT INTO auth.refresh_tokens (token_hash, session_id, expires_at) SELECT $2, session_id, $3 FROM good
        ),
        moved AS (
            UPDATE auth.sessions SET last_used_at = clock_timestamp(), expires_at = $3 WHERE session_id IN (SELECT session_id FROM good)
        ),
        forgotten AS (
            DELETE FROM auth.refresh_tokens WHERE token_hash IN (
                SELECT token_hash FROM auth.refresh_tokens JOIN good USING (session_id) WHERE expires_at <= now() LIMIT 50)
        ),
        ended AS (
            UPDATE auth.sessions SET ended_at = now() WHERE session_id IN (
                SELECT session_id FROM token WHERE is_used AND NOT is_over AND next_expires_at IS NULL)
            RETURNING session_id
        ),
        recorded AS ({RecordEnds})
        SELECT user_id, session_id, is_over, is_used, next_hash, next_sealed, next_expires_at FROM token
        """;

    public Task<Rotation> RotateAsync(
        byte[] tokenHash, NextToken successor, TimeSpan grace, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var batch = connections.Analytics.CreateBatch()
            .With(LockSession, Value(tokenHash))
            .With(Rotate, Value(tokenHash), Value(successor.Hash), Value(successor.ExpiresAt.ToUniversalTime()), Value(grace), Value(successor.Sealed));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var found = await reader.ReadAllAsync(ToRotation, cancellationToken);
        return found is [var rotation] ? rotation : new Rotation(RotationStatus.Invalid, null, null);
    });

    private const string SelectSessions = """
        SELECT session_id, device, created_at, last_used_at, expires_at FROM auth.sessions
        WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
        ORDER BY last_used_at DESC, session_id DESC LIMIT $2
        """;

    public async Task<IReadOnlyList<SessionInfo>> ListAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        await connections.Analytics.Command(SelectSessions, Value(userId), Value(limit)).ReadAsync(Store, ToSession, cancellationToken);

    private const string EndOne = $"""
        WITH ended AS (
            UPDATE auth.sessions SET ended_at = now()
            WHERE session_id = $2 AND user_id = $1 AND ended_at IS NULL AND expires_at > now()
            RETURNING session_id
        )
        {RecordEnds}
        """;

    public Task<bool> EndAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        async () => await connections.Analytics.Command(EndOne, Value(userId), Value(sessionId)).ExecuteAsync(cancellationToken) > 0);

    public Task EndAllAsync(Guid userId, Guid? except, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var batch = connections.Analytics.CreateBatch()
            .With(LockAccount, Value(userId))
            .With(EndSessions, Value(userId), except is { } kept ? Value(kept) : Null(NpgsqlDbType.Uuid));
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    });

    private const string DeleteOver = """
        DELETE FROM auth.sessions WHERE session_id IN (
            SELECT session_id FROM auth.sessions WHERE coalesce(ended_at, expires_at) < $1
            ORDER BY coalesce(ended_at, expires_at) LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    public Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics.Command(DeleteOver, Value(before.ToUniversalTime()), Value(MaxForgotten)).ExecuteAsync(cancellationToken));

    private static Rotation ToRotation(NpgsqlDataReader r) =>
        r.GetBoolean(2) ? new Rotation(RotationStatus.Invalid, r.GetGuid(0), r.GetGuid(1))
        : !r.GetBoolean(3) ? new Rotation(RotationStatus.Rotated, r.GetGuid(0), r.GetGuid(1))
        : r.IsDBNull(6) ? new Rotation(RotationStatus.Reused, r.GetGuid(0), r.GetGuid(1))
        : new Rotation(
            RotationStatus.Repeated, r.GetGuid(0), r.GetGuid(1),
            new NextToken(r.GetFieldValue<byte[]>(4), r.GetFieldValue<byte[]>(5), r.GetMoment(6)));

    private static SessionInfo ToSession(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.GetText(1), r.GetMoment(2), r.GetMoment(3), r.GetMoment(4));
}
