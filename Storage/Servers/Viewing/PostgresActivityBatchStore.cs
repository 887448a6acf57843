using Npgsql;
using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresActivityBatchStore(ServerConnections connections) : IActivityBatchStore
{
    private const string Store = "The analytics database";

    // What the next statement reads of these rows to know what is new in them is theirs until it has written them.
    private const string LockSessions = "SELECT FROM user_watch_history WHERE history_id = ANY ($1) ORDER BY history_id FOR UPDATE";

    // A writer's first batch clears watermarks that are not needed any more, a bounded number: a writer repeats a batch for
    // as long as its process lives, so a week without any batch is ample. Of a session, a later period takes the place of
    // an earlier one; within a period nothing moves back.
    private const string WriteBatch = """
        WITH forgotten AS (
            DELETE FROM activity_writers WHERE writer_id IN (
                SELECT writer_id FROM activity_writers
                WHERE $2 = 1 AND writer_id <> $1 AND updated_at < now() - interval '7 days'
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
        ),
        watermark AS (
            INSERT INTO activity_writers AS w (writer_id, applied_batch, updated_at) VALUES ($1, $2, now())
            ON CONFLICT (writer_id) DO UPDATE SET applied_batch = excluded.applied_batch, updated_at = excluded.updated_at
            WHERE w.applied_batch < excluded.applied_batch
            RETURNING w.applied_batch
        ),
        known AS MATERIALIZED (SELECT user_id FROM users WHERE user_id = ANY ($4 || $26)),
        sessions AS MATERIALIZED (
            SELECT s.* FROM watermark, unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS s
                (history_id, user_id, content_id, watched_at, watched, position, qualified_at, recorded,
                 heard_at, started_at, before, allowance, owed, credited)
            WHERE s.user_id IN (SELECT user_id FROM known)
        ),
        history AS (
            INSERT INTO user_watch_history AS h
                (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at, view_recorded,
                 heard_at, started_at, watched_before_seconds, allowance_seconds, owed_seconds, credited_seconds)
            SELECT * FROM sessions
            ON CONFLICT (history_id) DO UPDATE SET
                watched_at = greatest(h.watched_at, excluded.watched_at),
                duration_watched_seconds = greatest(h.duration_watched_seconds, excluded.duration_watched_seconds),
                last_position_seconds = CASE WHEN excluded.watched_at >= h.watched_at THEN excluded.last_position_seconds ELSE h.last_position_seconds END,
                qualified_at = CASE
                    WHEN h.started_at IS NULL OR excluded.started_at > h.started_at THEN excluded.qualified_at
                    WHEN excluded.started_at = h.started_at THEN coalesce(h.qualified_at, excluded.qualified_at)
                    ELSE h.qualified_at END,
                view_recorded = CASE
                    WHEN h.started_at IS NULL OR excluded.started_at > h.started_at THEN excluded.view_recorded
                    WHEN excluded.started_at = h.started_at THEN h.view_recorded OR excluded.view_recorded
                    ELSE h.view_recorded END,
                watched_before_seconds = CASE
                    WHEN h.started_at IS NULL OR excluded.started_at > h.started_at THEN excluded.watched_before_seconds
                    ELSE h.watched_before_seconds END,
                allowance_seconds = CASE WHEN h.heard_at IS NULL OR excluded.heard_at >= h.heard_at THEN excluded.allowance_seconds ELSE h.allowance_seconds END,
                owed_seconds = CASE WHEN h.heard_at IS NULL OR excluded.heard_at >= h.heard_at THEN excluded.owed_seconds ELSE h.owed_seconds END,
                heard_at = greatest(h.heard_at, excluded.heard_at),
                started_at = greatest(h.started_at, excluded.started_at),
                credited_seconds = greatest(h.credited_seconds, excluded.credited_seconds)
        ),
        watch_time AS (
            INSERT INTO daily_watch_time AS t (date, content_id, seconds)
            SELECT (s.heard_at AT TIME ZONE 'UTC')::date AS date, s.content_id, sum(s.credited - greatest(s.before, h.credited_seconds))
            FROM sessions s LEFT JOIN user_watch_history h ON h.history_id = s.history_id
            WHERE s.qualified_at IS NOT NULL AND s.credited > greatest(s.before, h.credited_seconds)
            GROUP BY date, s.content_id ORDER BY date, s.content_id
            ON CONFLICT (date, content_id) DO UPDATE SET seconds = t.seconds + excluded.seconds
        ),
        positions AS (
            INSERT INTO resume_positions AS r
                (user_id, content_id, position_seconds, duration_seconds, watched, updated_at, session_id, viewed_at, forgotten)
            SELECT p.* FROM watermark, unnest($17, $18, $19, $20, $21, $22, $23, $24, $25) AS p (user_id)
            WHERE p.user_id IN (SELECT user_id FROM known)
            ON CONFLICT (user_id, content_id) DO UPDATE SET
                position_seconds = CASE WHEN excluded.updated_at >= r.updated_at THEN excluded.position_seconds ELSE r.position_seconds END,
                duration_seconds = CASE WHEN excluded.updated_at >= r.updated_at THEN excluded.duration_seconds ELSE r.duration_seconds END,
                watched = r.watched OR excluded.watched,
                session_id = CASE WHEN excluded.updated_at >= r.updated_at THEN excluded.session_id ELSE r.session_id END,
                forgotten = CASE WHEN excluded.updated_at >= r.updated_at THEN excluded.forgotten ELSE r.forgotten END,
                viewed_at = greatest(r.viewed_at, excluded.viewed_at),
                updated_at = greatest(r.updated_at, excluded.updated_at)
        ),
        downloads AS (
            INSERT INTO bandwidth_usage AS b (user_id, day, downloaded_bytes)
            SELECT d.user_id, d.day, sum(d.bytes) FROM watermark, unnest($26, $27, $28) AS d (user_id, day, bytes)
            WHERE d.user_id IN (SELECT user_id FROM known)
            GROUP BY d.user_id, d.day ORDER BY d.user_id, d.day
            ON CONFLICT (user_id, day) DO UPDATE SET downloaded_bytes = b.downloaded_bytes + excluded.downloaded_bytes
        )
        SELECT count(*) FROM watermark
        """;

    public void Write(string writerId, long batch, ActivityBatch content)
    {
        using var connection = connections.Analytics.OpenToWrite(Store);
        try
        {
            var history = Reduce(content.Sessions, session => session.SessionId, Later);
            var titles = Reduce(content.Sessions, session => (session.UserId, session.ContentId), LaterTitle);
            using var commands = connection.CreateBatch();
            if (history.Length > 0)
                commands.With(LockSessions, Column(history, s => s.SessionId));

            commands.With(
                WriteBatch,
                Value(writerId),
                Value(batch),
                Column(history, s => s.SessionId),
                Column(history, s => s.UserId),
                Column(history, s => s.ContentId),
                Column(history, s => s.WatchedAt.ToUniversalTime()),
                Column(history, s => s.DurationWatchedSeconds),
                Column(history, s => s.LastPositionSeconds),
                Column(history, s => s.QualifiedAt?.ToUniversalTime()),
                Column(history, s => s.ViewRecorded),
                Column(history, s => s.Period.LastHeartbeatAt.ToUniversalTime()),
                Column(history, s => s.Period.StartedAt.ToUniversalTime()),
                Column(history, s => s.Period.WatchedBeforeSeconds),
                Column(history, s => s.Period.AllowanceSeconds),
                Column(history, s => s.Period.OwedSeconds),
                Column(history, s => s.CreditedSeconds),
                Column(titles, s => s.UserId),
                Column(titles, s => s.ContentId),
                Column(titles, s => s.Title.Resume.PositionSeconds),
                Column(titles, s => s.Title.Resume.DurationSeconds),
                Column(titles, s => s.Title.Resume.Watched),
                Column(titles, s => s.Title.Resume.UpdatedAt.ToUniversalTime()),
                Column(titles, s => s.Title.SessionId),
                Column(titles, s => s.Title.ViewedAt?.ToUniversalTime()),
                Column(titles, s => s.Title.IsForgotten),
                Column(content.Downloads, d => d.UserId),
                Column(content.Downloads, d => d.Day),
                Column(content.Downloads, d => d.Bytes));
            commands.ExecuteNonQuery();
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Translate(e, Store);
        }
    }

    /// <summary>
    /// One state a key: a statement cannot change a row twice. In the order of the keys, so that two silos that write the
    /// same rows do not block each other.
    /// </summary>
    private static SessionProgress[] Reduce<TKey>(
        IReadOnlyList<SessionProgress> sessions, Func<SessionProgress, TKey> key, Func<SessionProgress, SessionProgress, SessionProgress> merge)
        where TKey : notnull
    {
        var states = new SortedDictionary<TKey, SessionProgress>();
        foreach (var session in sessions)
        {
            var id = key(session);
            states[id] = states.TryGetValue(id, out var earlier) ? merge(earlier, session) : session;
        }

        return [.. states.Values];
    }

    /// <summary>The last state of a session, with what never moves back.</summary>
    private static SessionProgress Later(SessionProgress earlier, SessionProgress session)
    {
        var (newer, older) = session.Period.StartedAt >= earlier.Period.StartedAt ? (session, earlier) : (earlier, session);
        var isOnePeriod = newer.Period.StartedAt == older.Period.StartedAt;
        return newer with
        {
            WatchedAt = Max(earlier.WatchedAt, session.WatchedAt),
            DurationWatchedSeconds = Math.Max(earlier.DurationWatchedSeconds, session.DurationWatchedSeconds),
            LastPositionSeconds = (session.WatchedAt >= earlier.WatchedAt ? session : earlier).LastPositionSeconds,
            QualifiedAt = isOnePeriod ? earlier.QualifiedAt ?? session.QualifiedAt : newer.QualifiedAt,
            ViewRecorded = newer.ViewRecorded || (isOnePeriod && older.ViewRecorded),
        };
    }

    private static SessionProgress LaterTitle(SessionProgress earlier, SessionProgress session)
    {
        var (newer, older) = session.Title.Resume.UpdatedAt >= earlier.Title.Resume.UpdatedAt ? (session, earlier) : (earlier, session);
        return newer with
        {
            Title = newer.Title with
            {
                Resume = newer.Title.Resume with { Watched = newer.Title.Resume.Watched || older.Title.Resume.Watched },
                ViewedAt = newer.Title.ViewedAt is { } viewedAt && older.Title.ViewedAt is { } before ? Max(viewedAt, before) : newer.Title.ViewedAt ?? older.Title.ViewedAt,
            },
        };
    }

    private static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static NpgsqlParameter Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value) => Value(rows.Select(value).ToArray());
}
