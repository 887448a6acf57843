using Streaming.Videos;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteVideoInspectionStore(EmbeddedDatabase database) : IVideoInspectionStore
{
    // Asked for again and again while nothing waits, which must not take the writer's turn.
    internal const string SelectWaiting = """
        SELECT 1 FROM videos INDEXED BY videos_to_inspect
        WHERE inspect_at <= $now AND state = 'stored' AND user_id IS NOT NULL LIMIT 1
        """;

    internal const string Take = """
        UPDATE videos SET inspect_at = $next, inspection_began_at = $now, inspections = inspections + 1
        WHERE id = (
            SELECT id FROM videos
            WHERE inspect_at <= $now AND state = 'stored' AND user_id = (
                SELECT w.user_id FROM (
                    SELECT user_id, min(uploaded_at) AS since FROM videos INDEXED BY videos_to_inspect
                    WHERE inspect_at <= $now AND state = 'stored' AND user_id IS NOT NULL GROUP BY user_id) w
                ORDER BY coalesce((SELECT max(inspection_began_at) FROM videos v WHERE v.user_id = w.user_id), w.since), w.user_id LIMIT 1)
            ORDER BY uploaded_at, id LIMIT 1)
        RETURNING id, format, size_bytes, inspections
        """;

    public async Task<WaitingVideo?> TakeAsync(DateTimeOffset now, DateTimeOffset nextAt, CancellationToken cancellationToken)
    {
        var at = now.ToUnixTimeMilliseconds();
        if (await database.Analytics.ReadAsync(c => c.Scalar(SelectWaiting, ("$now", at)), cancellationToken) is null)
            return null;

        return await database.Analytics.WriteAsync(
            c => c.Query(
                r => new WaitingVideo(r.GetId(0), (VideoFormat)r.GetInt32(1), r.GetInt64(2), r.GetInt32(3)),
                Take, ("$now", at), ("$next", nextAt.ToUnixTimeMilliseconds())).SingleOrDefault(),
            cancellationToken);
    }

    private const string Describe = """
        UPDATE videos SET
            inspect_at = NULL, inspected_at = $now, playable = $playable, reason = $reason, codec = $codec,
            duration_seconds = coalesce($seconds, duration_seconds)
        WHERE id = $id AND state IN ('stored', 'deleted')
        """;

    public Task DescribeAsync(Guid videoId, VideoInspection found, DateTimeOffset now, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(
            Describe,
            ("$id", videoId.ToBlob()), ("$now", now.ToUnixTimeMilliseconds()), ("$playable", found.Playable), ("$reason", found.Reason),
            ("$codec", found.Codec), ("$seconds", found.DurationSeconds)),
        cancellationToken);
}
