using NpgsqlTypes;
using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone.</summary>
internal sealed class PostgresVideoInspectionStore(ServerConnections connections) : IVideoInspectionStore
{
    private const string Store = "The analytics database";

    // Concurrent callers choose the same user, and of that user's videos different ones.
    internal const string Take = """
        WITH waiting AS (
            SELECT user_id, min(uploaded_at) AS since FROM videos
            WHERE inspect_at <= $1 AND state = 'stored' AND user_id IS NOT NULL GROUP BY user_id
        ),
        next AS (
            SELECT w.user_id FROM waiting w
            ORDER BY coalesce((SELECT max(inspection_began_at) FROM videos v WHERE v.user_id = w.user_id), w.since), w.user_id LIMIT 1
        ),
        chosen AS (
            SELECT id FROM videos WHERE inspect_at <= $1 AND state = 'stored' AND user_id = (SELECT user_id FROM next)
            ORDER BY uploaded_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        UPDATE videos v SET inspect_at = $2, inspection_began_at = $1, inspections = v.inspections + 1 FROM chosen c WHERE v.id = c.id
        RETURNING v.id, v.format, v.size_bytes, v.inspections
        """;

    public Task<WaitingVideo?> TakeAsync(DateTimeOffset now, DateTimeOffset nextAt, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        async () => (await connections.Analytics.Command(Take, Value(now.ToUniversalTime()), Value(nextAt.ToUniversalTime()))
            .QueryAsync(r => new WaitingVideo(r.GetGuid(0), (VideoFormat)r.GetInt16(1), r.GetInt64(2), r.GetInt32(3)), cancellationToken)).SingleOrDefault());

    private const string Describe = """
        UPDATE videos SET
            inspect_at = NULL, inspected_at = $2, playable = $3, reason = $4, codec = $5, duration_seconds = coalesce($6, duration_seconds)
        WHERE id = $1 AND state IN ('stored', 'deleted')
        """;

    public Task DescribeAsync(Guid videoId, VideoInspection found, DateTimeOffset now, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics.Command(
            Describe, Value(videoId), Value(now.ToUniversalTime()),
            found.Playable is { } playable ? Value(playable) : Null(NpgsqlDbType.Boolean),
            found.Reason is { } reason ? Value(reason) : Null(NpgsqlDbType.Text),
            found.Codec is { } codec ? Value(codec) : Null(NpgsqlDbType.Text),
            found.DurationSeconds is { } seconds ? Value(seconds) : Null(NpgsqlDbType.Double)).ExecuteAsync(cancellationToken));
}
