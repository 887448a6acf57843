using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;
using static Streaming.Storage.Servers.PostgresVideoRows;

namespace Streaming.Storage.Servers;

internal sealed class PostgresVideoRemovalStore(ServerConnections connections) : IVideoRemovalStore
{
    // What another caller takes at this moment is left to it. What was not stored before it is removing was an upload.
    internal const string TakeDue = """
        WITH due AS (
            SELECT id, due_at FROM videos WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
        ),
        of_nobody AS (
            SELECT id, NULL::timestamptz FROM videos WHERE user_id IS NULL AND state IN ('stored', 'deleted')
                AND id NOT IN (SELECT id FROM due)
            LIMIT $3 FOR UPDATE SKIP LOCKED
        ),
        chosen AS MATERIALIZED (
            SELECT id, due_at FROM (SELECT * FROM due UNION ALL SELECT * FROM of_nobody) v ORDER BY due_at, id LIMIT $3
        ),
        taken AS (
            UPDATE videos v SET state = 'removing', title = '', due_at = $2 FROM chosen c WHERE v.id = c.id
            RETURNING v.id, v.uploaded_at IS NULL AS was_uploading, v.was_looked_at, c.due_at
        )
        SELECT id, was_uploading, was_looked_at FROM taken ORDER BY due_at, id
        """;

    public async Task<IReadOnlyList<DueVideo>> TakeDueAsync(
        DateTimeOffset now, DateTimeOffset nextAt, int limit, CancellationToken cancellationToken) => await PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics.Command(TakeDue, Value(now.ToUniversalTime()), Value(nextAt.ToUniversalTime()), Value(limit))
            .QueryAsync(r => new DueVideo(r.GetGuid(0), r.GetBoolean(1), r.GetBoolean(2)), cancellationToken));

    private const string Delete = "DELETE FROM videos WHERE id = $1 AND state = 'removing'";

    public Task RemoveAsync(Guid videoId, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store, () => connections.Analytics.Command(Delete, Value(videoId)).ExecuteAsync(cancellationToken));

    private const string LookAgain = "UPDATE videos SET due_at = $2, was_looked_at = true WHERE id = $1 AND state = 'removing'";

    public Task LookAgainAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store, () => connections.Analytics.Command(LookAgain, Value(videoId), Value(dueAt.ToUniversalTime())).ExecuteAsync(cancellationToken));

    internal const string TakeOfUser = """
        WITH chosen AS (
            SELECT id FROM videos WHERE user_id = $1 AND state <> 'removing' ORDER BY uploaded_at DESC, id DESC LIMIT $3 FOR UPDATE
        )
        UPDATE videos SET state = 'removing', title = '', due_at = $2 WHERE id IN (SELECT id FROM chosen)
        RETURNING id
        """;

    public async Task<IReadOnlyList<Guid>> RemoveAllAsync(Guid userId, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        await PostgresErrors.WriteAsync(
            Store,
            () => connections.Analytics.Command(TakeOfUser, Value(userId), Value(now.ToUniversalTime()), Value(limit))
                .QueryAsync(r => r.GetGuid(0), cancellationToken));
}
