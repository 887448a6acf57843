using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Viewing;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteActivityBatchStore(EmbeddedDatabase database) : IActivityBatchStore
{
    // The folder's lock says that every other writer is gone, so its watermark is not needed any more.
    private const string MoveWatermark = """
        DELETE FROM activity_writers WHERE writer_id <> $writer;
        INSERT INTO activity_writers (writer_id, applied_batch) VALUES ($writer, $batch)
        ON CONFLICT DO UPDATE SET applied_batch = excluded.applied_batch WHERE applied_batch < excluded.applied_batch
        RETURNING applied_batch
        """;

    // A later period takes the place of an earlier one; within a period nothing moves back.
    private const string UpsertHistory = """
        INSERT INTO user_watch_history
            (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at, view_recorded,
             heard_at, started_at, watched_before_seconds, allowance_seconds, owed_seconds, credited_seconds)
        SELECT $id, user_id, $content, $at, $watched, $position, $qualified, $recorded, $heard, $started, $before, $allowance, $owed, $credited
        FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET
            last_position_seconds = iif(excluded.watched_at >= watched_at, excluded.last_position_seconds, last_position_seconds),
            watched_at = max(watched_at, excluded.watched_at),
            duration_watched_seconds = max(duration_watched_seconds, excluded.duration_watched_seconds),
            qualified_at = CASE
                WHEN excluded.started_at > coalesce(started_at, 0) THEN excluded.qualified_at
                WHEN excluded.started_at = started_at THEN coalesce(qualified_at, excluded.qualified_at)
                ELSE qualified_at END,
            view_recorded = CASE
                WHEN excluded.started_at > coalesce(started_at, 0) THEN excluded.view_recorded
                WHEN excluded.started_at = started_at THEN max(view_recorded, excluded.view_recorded)
                ELSE view_recorded END,
            watched_before_seconds = iif(excluded.started_at > coalesce(started_at, 0), excluded.watched_before_seconds, watched_before_seconds),
            allowance_seconds = iif(excluded.heard_at >= coalesce(heard_at, 0), excluded.allowance_seconds, allowance_seconds),
            owed_seconds = iif(excluded.heard_at >= coalesce(heard_at, 0), excluded.owed_seconds, owed_seconds),
            heard_at = max(coalesce(heard_at, 0), excluded.heard_at),
            started_at = max(coalesce(started_at, 0), excluded.started_at),
            credited_seconds = max(credited_seconds, excluded.credited_seconds)
        """;

    private const string UpsertPosition = """
        INSERT INTO resume_positions (user_id, content_id, position_seconds, duration_seconds, watched, updated_at, session_id, viewed_at, forgotten)
        SELECT user_id, $content, $position, $duration, $finished, $at, $session, $viewed, $forgotten FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET
            position_seconds = iif(excluded.updated_at >= updated_at, excluded.position_seconds, position_seconds),
            duration_seconds = iif(excluded.updated_at >= updated_at, excluded.duration_seconds, duration_seconds),
            watched = max(watched, excluded.watched),
            session_id = iif(excluded.updated_at >= updated_at, excluded.session_id, session_id),
            forgotten = iif(excluded.updated_at >= updated_at, excluded.forgotten, forgotten),
            viewed_at = coalesce(max(viewed_at, excluded.viewed_at), viewed_at, excluded.viewed_at),
            updated_at = max(updated_at, excluded.updated_at)
        """;

    private const string SelectCredited = "SELECT credited_seconds FROM user_watch_history WHERE history_id = $id";

    private const string AddWatchTime = """
        INSERT INTO daily_watch_time (date, content_id, seconds) SELECT $date, $content, $seconds FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET seconds = seconds + excluded.seconds
        """;

    private const string AddDownload = """
        INSERT INTO bandwidth_usage (user_id, day, downloaded_bytes) SELECT user_id, $day, $bytes FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET downloaded_bytes = downloaded_bytes + excluded.downloaded_bytes
        """;

    public void Write(string writerId, long batch, ActivityBatch content) => database.Analytics.Write(connection =>
    {
        if (connection.Scalar(MoveWatermark, ("$writer", writerId), ("$batch", batch)) is null)
            return 0;

        foreach (var session in content.Sessions)
            Write(connection, session);

        foreach (var download in content.Downloads)
        {
            connection.Execute(
                AddDownload,
                ("$user", download.UserId.ToBlob()), ("$day", SqliteQuotaStore.ToText(download.Day)), ("$bytes", download.Bytes));
        }

        return content.Sessions.Count + content.Downloads.Count;
    });

    private static void Write(SqliteConnection connection, SessionProgress session)
    {
        var (id, user, content, period, title) = (session.SessionId.ToBlob(), session.UserId.ToBlob(), session.ContentId.ToBlob(), session.Period, session.Title);
        var credited = session.CreditedSeconds;
        var seconds = credited - Math.Max(connection.Scalar(SelectCredited, ("$id", id)) ?? 0, period.WatchedBeforeSeconds);
        if (session.QualifiedAt is not null && seconds > 0)
        {
            connection.Execute(
                AddWatchTime,
                ("$date", period.LastHeartbeatAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("$content", content), ("$seconds", seconds), ("$user", user));
        }

        connection.Execute(
            UpsertHistory,
            ("$id", id), ("$user", user), ("$content", content), ("$at", session.WatchedAt.ToUnixTimeMilliseconds()),
            ("$watched", session.DurationWatchedSeconds), ("$position", session.LastPositionSeconds),
            ("$qualified", session.QualifiedAt?.ToUnixTimeMilliseconds()), ("$recorded", session.ViewRecorded),
            ("$heard", period.LastHeartbeatAt.ToUnixTimeMilliseconds()), ("$started", period.StartedAt.ToUnixTimeMilliseconds()),
            ("$before", period.WatchedBeforeSeconds), ("$allowance", period.AllowanceSeconds), ("$owed", period.OwedSeconds), ("$credited", credited));
        connection.Execute(
            UpsertPosition,
            ("$user", user), ("$content", content), ("$position", title.Resume.PositionSeconds), ("$duration", title.Resume.DurationSeconds),
            ("$finished", title.Resume.Watched), ("$at", title.Resume.UpdatedAt.ToUnixTimeMilliseconds()), ("$session", title.SessionId?.ToBlob()),
            ("$viewed", title.ViewedAt?.ToUnixTimeMilliseconds()), ("$forgotten", title.IsForgotten));
    }
}
