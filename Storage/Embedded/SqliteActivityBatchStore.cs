using Streaming.Viewing.Ledger;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteActivityBatchStore(EmbeddedDatabase database) : IActivityBatchStore
{
    // The folder's lock says that every other writer is gone, so its guard is not needed any more.
    private const string MoveGuard = """
        DELETE FROM activity_writers WHERE writer_id <> $writer;
        INSERT INTO activity_writers (writer_id, applied_batch) VALUES ($writer, $batch)
        ON CONFLICT DO UPDATE SET applied_batch = excluded.applied_batch WHERE applied_batch < excluded.applied_batch
        RETURNING applied_batch
        """;

    private const string UpsertHistory = """
        INSERT INTO user_watch_history
            (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at, view_recorded)
        SELECT $id, user_id, $content, $at, $watched, $position, $qualified, $recorded FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET
            watched_at = excluded.watched_at,
            duration_watched_seconds = max(duration_watched_seconds, excluded.duration_watched_seconds),
            last_position_seconds = excluded.last_position_seconds,
            qualified_at = coalesce(qualified_at, excluded.qualified_at),
            view_recorded = max(view_recorded, excluded.view_recorded)
        """;

    private const string UpsertPosition = """
        INSERT INTO resume_positions (user_id, content_id, position_seconds, duration_seconds, watched, updated_at)
        SELECT user_id, $content, $position, $duration, $finished, $at FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET
            position_seconds = excluded.position_seconds,
            duration_seconds = excluded.duration_seconds,
            watched = max(watched, excluded.watched),
            updated_at = excluded.updated_at
        """;

    private const string AddDownload = """
        INSERT INTO bandwidth_usage (user_id, day, downloaded_bytes) SELECT user_id, $day, $bytes FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET downloaded_bytes = downloaded_bytes + excluded.downloaded_bytes
        """;

    public void Write(string writerId, long batch, ActivityBatch content) => database.Analytics.Write(connection =>
    {
        if (connection.Scalar(MoveGuard, ("$writer", writerId), ("$batch", batch)) is null)
            return 0;

        foreach (var session in content.Sessions)
        {
            var (user, content, at) = (session.UserId.ToBlob(), session.ContentId.ToBlob(), session.WatchedAt.ToUnixTimeMilliseconds());
            connection.Execute(
                UpsertHistory,
                ("$id", session.SessionId.ToBlob()), ("$user", user), ("$content", content), ("$at", at),
                ("$watched", session.DurationWatchedSeconds), ("$position", session.LastPositionSeconds),
                ("$qualified", session.QualifiedAt?.ToUnixTimeMilliseconds()), ("$recorded", session.ViewRecorded));
            connection.Execute(
                UpsertPosition,
                ("$user", user), ("$content", content), ("$position", session.Resume.PositionSeconds),
                ("$duration", session.Resume.DurationSeconds), ("$finished", session.Resume.Watched), ("$at", at));
        }

        foreach (var download in content.Downloads)
        {
            connection.Execute(
                AddDownload,
                ("$user", download.UserId.ToBlob()), ("$day", SqliteQuotaStore.ToText(download.Day)), ("$bytes", download.Bytes));
        }

        return content.Sessions.Count + content.Downloads.Count;
    });
}
