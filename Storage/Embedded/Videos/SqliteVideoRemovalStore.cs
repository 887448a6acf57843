using Streaming.Videos;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteVideoRemovalStore(EmbeddedDatabase database) : IVideoRemovalStore
{
    // What was not stored before it is removing was an upload.
    internal const string SelectDue = """
        SELECT id, uploaded_at IS NULL, was_looked_at FROM videos WHERE due_at <= $now ORDER BY due_at, id LIMIT $limit
        """;

    internal const string SelectOfNobody = """
        SELECT id, false, was_looked_at FROM videos INDEXED BY videos_of_nobody
        WHERE user_id IS NULL AND state IN ('stored', 'deleted') LIMIT $limit
        """;

    private const string Take = "UPDATE videos SET state = 'removing', title = '', due_at = $next WHERE id = $id";

    public async Task<IReadOnlyList<DueVideo>> TakeDueAsync(
        DateTimeOffset now, DateTimeOffset nextAt, int limit, CancellationToken cancellationToken) => await database.Analytics.WriteAsync(
        c =>
        {
            List<DueVideo> taken = [];
            foreach (var select in (string[])[SelectDue, SelectOfNobody])
            {
                var due = c.Query(
                    r => new DueVideo(r.GetId(0), r.GetBoolean(1), r.GetBoolean(2)),
                    select, ("$now", now.ToUnixTimeMilliseconds()), ("$limit", limit - taken.Count));
                foreach (var video in due)
                    c.Execute(Take, ("$id", video.VideoId.ToBlob()), ("$next", nextAt.ToUnixTimeMilliseconds()));

                taken.AddRange(due);
            }

            return taken;
        },
        cancellationToken);

    private const string Delete = "DELETE FROM videos WHERE id = $id AND state = 'removing'";

    public Task RemoveAsync(Guid videoId, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(c => c.Execute(Delete, ("$id", videoId.ToBlob())), cancellationToken);

    private const string LookAgain = "UPDATE videos SET due_at = $due, was_looked_at = true WHERE id = $id AND state = 'removing'";

    public Task LookAgainAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(LookAgain, ("$id", videoId.ToBlob()), ("$due", dueAt.ToUnixTimeMilliseconds())), cancellationToken);

    internal const string TakeOfUser = """
        UPDATE videos SET state = 'removing', title = '', due_at = $now
        WHERE id IN (SELECT id FROM videos WHERE user_id = $user AND state <> 'removing' LIMIT $limit)
        RETURNING id
        """;

    public async Task<IReadOnlyList<Guid>> RemoveAllAsync(Guid userId, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.WriteAsync(
            c => c.Query(
                r => r.GetId(0), TakeOfUser, ("$user", userId.ToBlob()), ("$now", now.ToUnixTimeMilliseconds()), ("$limit", limit)),
            cancellationToken);
}
