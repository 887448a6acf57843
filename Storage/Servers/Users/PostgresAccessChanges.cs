namespace Streaming.Storage.Servers;

/// <summary>
/// What an account's or a session's change leaves for the fronts: ends of statements whose parts before are named
/// <c>account</c> or <c>ended</c>. Stamped when the row is locked, not when the transaction began, so that of two changes
/// of one account the later has the later time.
/// Locks are taken in one order everywhere: that of administrators, the row in users, sessions, tokens, changes, keys.
/// </summary>
internal static class PostgresAccessChanges
{
    /// <summary>For whatever adds, changes or removes an administrator, and for keys, which only administrators make. Any number will do that nothing else locks.</summary>
    public const string LockAdministrators = "SELECT pg_advisory_xact_lock(1398034509, 1)";

    /// <summary>By who adds log entries, until they are there.</summary>
    public const string LockLogs = "SELECT pg_advisory_xact_lock_shared(1398034509, 3)";

    /// <summary>By who removes an account: entries that are being added are there then, and the next ones find that it is gone. The last lock.</summary>
    public const string LockOutLogs = "SELECT pg_advisory_xact_lock(1398034509, 3)";

    /// <summary>Of the account $1.</summary>
    public const string RevokeKeys = "UPDATE auth.api_keys SET revoked_at = clock_timestamp() WHERE made_by = $1 AND revoked_at IS NULL";

    public const string RecordAccount = """
        INSERT INTO auth.access_changes (subject, id, is_blocked, role, changed_at)
        SELECT 'account', user_id, is_blocked, role, clock_timestamp() FROM account
        ON CONFLICT (subject, id) DO UPDATE SET is_blocked = excluded.is_blocked, role = excluded.role, changed_at = excluded.changed_at
        """;

    public const string RecordEnds = """
        INSERT INTO auth.access_changes (subject, id, is_blocked, changed_at)
        SELECT 'session', session_id, true, clock_timestamp() FROM ended
        ON CONFLICT (subject, id) DO UPDATE SET changed_at = excluded.changed_at
        """;

    /// <summary>All of the account's sessions but one, $1 and $2; after the account's row was locked.</summary>
    public const string EndSessions = $"""
        WITH ended AS (
            UPDATE auth.sessions SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $2
            RETURNING session_id
        )
        {RecordEnds}
        """;
}
