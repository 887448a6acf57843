using Microsoft.Data.Sqlite;

namespace Streaming.Storage.Embedded;

/// <summary>What an account's or a session's end leaves for the fronts, in the transaction of the caller.</summary>
internal static class SqliteAccessChanges
{
    private const string RecordAccountNow = """
        INSERT INTO auth_access_changes (subject, id, is_blocked, role, changed_at)
        SELECT 'account', user_id, $gone OR banned_at IS NOT NULL, role, $now FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET is_blocked = excluded.is_blocked, role = excluded.role, changed_at = excluded.changed_at
        """;

    /// <summary>Records how the account stands; as blocked where it is about to go.</summary>
    public static void RecordAccount(this SqliteConnection connection, Guid userId, long now, bool isGone = false) =>
        connection.Execute(RecordAccountNow, ("$user", userId.ToBlob()), ("$now", now), ("$gone", isGone));

    private const string SelectSessions = """
        SELECT session_id FROM auth_sessions WHERE user_id = $user AND ended_at IS NULL AND ($except IS NULL OR session_id <> $except)
        ORDER BY last_used_at DESC, session_id DESC LIMIT -1 OFFSET $keep
        """;

    /// <summary>Ends the account's sessions but <paramref name="except"/> and the <paramref name="keep"/> that were used last.</summary>
    public static void EndSessions(this SqliteConnection connection, Guid userId, long now, Guid? except = null, int keep = 0)
    {
        var sessions = connection.Query(
            reader => reader.GetId(0), SelectSessions, ("$user", userId.ToBlob()), ("$except", except?.ToBlob()), ("$keep", keep));
        foreach (var session in sessions)
            connection.EndSession(session, now);
    }

    private const string End = """
        UPDATE auth_sessions SET ended_at = $now WHERE session_id = $session;
        INSERT INTO auth_access_changes (subject, id, is_blocked, changed_at) VALUES ('session', $session, 1, $now)
        ON CONFLICT DO UPDATE SET changed_at = excluded.changed_at
        """;

    public static void EndSession(this SqliteConnection connection, Guid sessionId, long now) =>
        connection.Execute(End, ("$session", sessionId.ToBlob()), ("$now", now));

    private const string Revoke = "UPDATE auth_api_keys SET revoked_at = $now WHERE made_by = $user AND revoked_at IS NULL";

    /// <summary>Those that the account made.</summary>
    public static void RevokeKeys(this SqliteConnection connection, Guid userId, long now) =>
        connection.Execute(Revoke, ("$user", userId.ToBlob()), ("$now", now));
}
