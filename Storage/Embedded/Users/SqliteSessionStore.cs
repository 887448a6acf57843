using Microsoft.Data.Sqlite;
using Streaming.Users;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteSessionStore(EmbeddedDatabase database, TimeProvider time) : ISessionStore
{
    private const int MaxForgotten = 200;

    private const string InsertSession = """
        INSERT INTO auth_sessions (session_id, user_id, device, created_at, last_used_at, expires_at)
        SELECT $session, user_id, $device, $now, $now, $expires FROM users JOIN auth_credentials USING (user_id)
        WHERE user_id = $user AND banned_at IS NULL AND password_hash = $password
        """;

    private const string InsertToken = """
        INSERT INTO auth_refresh_tokens (token_hash, session_id, expires_at) VALUES ($hash, $session, $expires)
        """;

    public Task<bool> AddAsync(NewSession session, int maxSessions, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c =>
        {
            var (id, now, expires) = (session.SessionId.ToBlob(), Now, session.ExpiresAt.ToUnixTimeMilliseconds());
            var added = c.Execute(
                InsertSession,
                ("$session", id), ("$user", session.UserId.ToBlob()), ("$device", session.Device), ("$now", now), ("$expires", expires),
                ("$password", session.PasswordHash));
            if (added == 0)
                return false;

            c.Execute(InsertToken, ("$hash", session.TokenHash), ("$session", id), ("$expires", expires));
            c.EndSessions(session.UserId, now, except: session.SessionId, keep: maxSessions - 1);
            return true;
        },
        cancellationToken);

    private const string SelectToken = """
        SELECT s.user_id, s.session_id, s.ended_at IS NOT NULL OR t.expires_at <= $now, t.used_at IS NOT NULL, t.next_hash, t.next_sealed, n.expires_at
        FROM auth_refresh_tokens t JOIN auth_sessions s USING (session_id)
        LEFT JOIN auth_refresh_tokens n ON n.token_hash = t.next_hash AND n.expires_at > $now AND t.used_at > $now - $grace
        WHERE t.token_hash = $hash
        """;

    // What has expired is refused as an unknown token is, so it need not be remembered.
    private const string Advance = """
        UPDATE auth_refresh_tokens SET used_at = $now, next_hash = $next, next_sealed = $sealed WHERE token_hash = $hash;
        UPDATE auth_sessions SET last_used_at = $now, expires_at = $expires WHERE session_id = $session;
        DELETE FROM auth_refresh_tokens WHERE token_hash IN (
            SELECT token_hash FROM auth_refresh_tokens WHERE session_id = $session AND expires_at <= $now LIMIT 50)
        """;

    public Task<Rotation> RotateAsync(
        byte[] tokenHash, NextToken successor, TimeSpan grace, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c =>
        {
            var (now, expires) = (Now, successor.ExpiresAt.ToUnixTimeMilliseconds());
            var found = c.Query(
                r => (User: r.GetId(0), Session: r.GetId(1), IsOver: r.GetBoolean(2), IsUsed: r.GetBoolean(3), Next: r.IsDBNull(6) ? null : ToNext(r)),
                SelectToken, ("$hash", tokenHash), ("$now", now), ("$grace", (long)grace.TotalMilliseconds));
            if (found is not [var token])
                return new Rotation(RotationStatus.Invalid, null, null);

            if (token.IsOver)
                return new Rotation(RotationStatus.Invalid, token.User, token.Session);

            if (token is { IsUsed: true, Next: { } taken })
                return new Rotation(RotationStatus.Repeated, token.User, token.Session, taken);

            if (token.IsUsed)
            {
                c.EndSession(token.Session, now);
                return new Rotation(RotationStatus.Reused, token.User, token.Session);
            }

            var session = token.Session.ToBlob();
            c.Execute(InsertToken, ("$hash", successor.Hash), ("$session", session), ("$expires", expires));
            c.Execute(
                Advance,
                ("$hash", tokenHash), ("$next", successor.Hash), ("$sealed", successor.Sealed), ("$session", session), ("$now", now), ("$expires", expires));
            return new Rotation(RotationStatus.Rotated, token.User, token.Session);
        },
        cancellationToken);

    private const string SelectSessions = """
        SELECT session_id, device, created_at, last_used_at, expires_at FROM auth_sessions
        WHERE user_id = $user AND ended_at IS NULL AND expires_at > $now
        ORDER BY last_used_at DESC, session_id DESC LIMIT $limit
        """;

    public async Task<IReadOnlyList<SessionInfo>> ListAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync(
            c => c.Query(ToSession, SelectSessions, ("$user", userId.ToBlob()), ("$now", Now), ("$limit", limit)), cancellationToken);

    private const string SelectOpen = """
        SELECT 1 FROM auth_sessions WHERE session_id = $session AND user_id = $user AND ended_at IS NULL AND expires_at > $now
        """;

    public Task<bool> EndAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c =>
        {
            var now = Now;
            if (c.Scalar(SelectOpen, ("$session", sessionId.ToBlob()), ("$user", userId.ToBlob()), ("$now", now)) is null)
                return false;

            c.EndSession(sessionId, now);
            return true;
        },
        cancellationToken);

    public Task EndAllAsync(Guid userId, Guid? except, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c =>
        {
            c.EndSessions(userId, Now, except);
            return true;
        },
        cancellationToken);

    private const string DeleteOver = """
        DELETE FROM auth_sessions WHERE session_id IN (
            SELECT session_id FROM auth_sessions WHERE coalesce(ended_at, expires_at) < $before
            ORDER BY coalesce(ended_at, expires_at) LIMIT $limit)
        """;

    public Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(DeleteOver, ("$before", before.ToUnixTimeMilliseconds()), ("$limit", MaxForgotten)), cancellationToken);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static NextToken ToNext(SqliteDataReader r) => new(r.GetFieldValue<byte[]>(4), r.GetFieldValue<byte[]>(5), r.GetMoment(6));

    private static SessionInfo ToSession(SqliteDataReader r) => new(r.GetId(0), r.GetText(1), r.GetMoment(2), r.GetMoment(3), r.GetMoment(4));
}
