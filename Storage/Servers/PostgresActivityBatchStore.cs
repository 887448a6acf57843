using Npgsql;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresActivityBatchStore(ServerConnections connections) : IActivityBatchStore
{
    private const string Store = "The analytics database";

    // A writer's first batch clears guards that nobody needs any more, a bounded number: a writer repeats a batch for
    // as long as its process lives, so a week without any batch is ample.
    private const string WriteBatch = """
        WITH forgotten AS (
            DELETE FROM activity_writers WHERE writer_id IN (
                SELECT writer_id FROM activity_writers
                WHERE $2 = 1 AND writer_id <> $1 AND updated_at < now() - interval '7 days'
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
        ),
        guard AS (
            INSERT INTO activity_writers AS w (writer_id, applied_batch, updated_at) VALUES ($1, $2, now())
            ON CONFLICT (writer_id) DO UPDATE SET applied_batch = excluded.applied_batch, updated_at = excluded.updated_at
            WHERE w.applied_batch < excluded.applied_batch
            RETURNING w.applied_batch
        ),
        known AS MATERIALIZED (SELECT user_id FROM users WHERE user_id = ANY ($4 || $17)),
        history AS (
            INSERT INTO user_watch_history AS h
                (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at, view_recorded)
            SELECT s.* FROM guard, unnest($3, $4, $5, $6, $7, $8, $9, $10) AS s (history_id, user_id)
            WHERE s.user_id IN (SELECT user_id FROM known)
            ON CONFLICT (history_id) DO UPDATE SET
                watched_at = excluded.watched_at,
                duration_watched_seconds = greatest(h.duration_watched_seconds, excluded.duration_watched_seconds),
                last_position_seconds = excluded.last_position_seconds,
                qualified_at = coalesce(h.qualified_at, excluded.qualified_at),
                view_recorded = h.view_recorded OR excluded.view_recorded
        ),
        positions AS (
            INSERT INTO resume_positions AS r (user_id, content_id, position_seconds, duration_seconds, watched, updated_at)
            SELECT p.* FROM guard, unnest($11, $12, $13, $14, $15, $16) AS p (user_id)
            WHERE p.user_id IN (SELECT user_id FROM known)
            ON CONFLICT (user_id, content_id) DO UPDATE SET
                position_seconds = excluded.position_seconds,
                duration_seconds = excluded.duration_seconds,
                watched = r.watched OR excluded.watched,
                updated_at = excluded.updated_at
        ),
        downloads AS (
            INSERT INTO bandwidth_usage AS b (user_id, day, downloaded_bytes)
            SELECT d.user_id, d.day, sum(d.bytes) FROM guard, unnest($17, $18, $19) AS d (user_id, day, bytes)
            WHERE d.user_id IN (SELECT user_id FROM known)
            GROUP BY d.user_id, d.day ORDER BY d.user_id, d.day
            ON CONFLICT (user_id, day) DO UPDATE SET downloaded_bytes = b.downloaded_bytes + excluded.downloaded_bytes
        )
        SELECT count(*) FROM guard
        """;

    public void Write(string writerId, long batch, ActivityBatch content)
    {
        using var connection = connections.Analytics.OpenToWrite(Store);
        try
        {
            var history = Reduce(content.Sessions, session => session.SessionId);
            var positions = Reduce(content.Sessions, session => (session.UserId, session.ContentId));
            using var command = connection.Command(
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
                Column(positions, s => s.UserId),
                Column(positions, s => s.ContentId),
                Column(positions, s => s.Resume.PositionSeconds),
                Column(positions, s => s.Resume.DurationSeconds),
                Column(positions, s => s.Resume.Watched),
                Column(positions, s => s.WatchedAt.ToUniversalTime()),
                Column(content.Downloads, d => d.UserId),
                Column(content.Downloads, d => d.Day),
                Column(content.Downloads, d => d.Bytes));
            command.ExecuteNonQuery();
        }
        catch (NpgsqlException e)
        {
            throw PostgresErrors.Translate(e, Store);
        }
    }

    /// <summary>
    /// One state a key, the last one with what never moves back: a statement cannot change a row twice. In the order of
    /// the keys, so that two silos that write the same rows do not block each other.
    /// </summary>
    private static SessionProgress[] Reduce<TKey>(IReadOnlyList<SessionProgress> sessions, Func<SessionProgress, TKey> key)
        where TKey : notnull
    {
        var states = new SortedDictionary<TKey, SessionProgress>();
        foreach (var session in sessions)
        {
            var id = key(session);
            states[id] = states.TryGetValue(id, out var earlier)
                ? session with
                {
                    DurationWatchedSeconds = Math.Max(earlier.DurationWatchedSeconds, session.DurationWatchedSeconds),
                    QualifiedAt = earlier.QualifiedAt ?? session.QualifiedAt,
                    ViewRecorded = earlier.ViewRecorded || session.ViewRecorded,
                    Resume = session.Resume with { Watched = earlier.Resume.Watched || session.Resume.Watched },
                }
                : session;
        }

        return [.. states.Values];
    }

    private static NpgsqlParameter Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value) => Value(rows.Select(value).ToArray());
}
