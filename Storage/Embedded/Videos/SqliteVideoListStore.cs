using Streaming.Videos;
using static Streaming.Storage.Embedded.SqliteVideoRows;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteVideoListStore(EmbeddedDatabase database) : IVideoListStore
{
    private const int UploadedAt = 5;
    private const int DeletedAt = 6;

    public Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c =>
            {
                // Both of one moment.
                using var transaction = c.BeginTransaction(deferred: true);
                var user = userId?.ToBlob();
                var total = c.Scalar(SelectTotal(userId), ("$user", user))!.Value;
                var videos = skip >= total
                    ? []
                    : c.Query(ToVideo, SelectFrom(userId), ("$user", user), ("$limit", limit), ("$skip", skip));
                return new CountedVideos([.. videos], total);
            },
            cancellationToken);

    internal static string SelectTotal(Guid? userId) => $"SELECT count(*) FROM {Stored(userId)}";

    internal static string SelectFrom(Guid? userId) => $"""
        SELECT {Columns} FROM {Stored(userId)} ORDER BY uploaded_at DESC, id DESC LIMIT $limit OFFSET $skip
        """;

    public Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Page(c, SelectPage(userId), UploadedAt, before, limit, ("$user", userId?.ToBlob())), cancellationToken);

    internal static string SelectPage(Guid? userId) => $"""
        SELECT {Columns} FROM {Stored(userId)} AND (uploaded_at, id) < ($at, $id)
        ORDER BY uploaded_at DESC, id DESC LIMIT $limit + 1
        """;

    // Named, because the planner takes an index that holds the deleted ones too for as good.
    private static string Stored(Guid? userId) => userId is null
        ? "videos INDEXED BY videos_newest WHERE state = 'stored' AND user_id IS NOT NULL"
        : "videos INDEXED BY videos_newest_of_user WHERE state = 'stored' AND user_id = $user";

    internal const string SelectDeleted = $"""
        SELECT {Columns} FROM videos
        WHERE state = 'deleted' AND user_id = $user AND due_at > $now AND (deleted_at, id) < ($at, $id)
        ORDER BY deleted_at DESC, id DESC LIMIT $limit + 1
        """;

    public Task<VideoPage> ListDeletedAsync(
        Guid userId, DateTimeOffset now, PageCursor? before, int limit, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => Page(c, SelectDeleted, DeletedAt, before, limit, ("$user", userId.ToBlob()), ("$now", now.ToUnixTimeMilliseconds())),
        cancellationToken);

    internal const string SelectOfUser = $"""
        SELECT {Columns} FROM videos
        WHERE user_id = $user AND state IN ('stored', 'deleted') AND (uploaded_at, id) < ($at, $id)
        ORDER BY uploaded_at DESC, id DESC LIMIT $limit + 1
        """;

    public Task<VideoPage> ListOfUserAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(c => Page(c, SelectOfUser, UploadedAt, before, limit, ("$user", userId.ToBlob())), cancellationToken);

    private const string DeleteOfUser = $"""
        UPDATE videos SET state = 'deleted', deleted_at = $at, due_at = {SqliteVideoStore.DueAt}
        WHERE id IN (
            SELECT id FROM videos WHERE state = 'stored' AND user_id = $user ORDER BY uploaded_at DESC, id DESC LIMIT $limit)
        RETURNING id
        """;

    public async Task<IReadOnlyList<Guid>> DeleteAsync(
        Guid userId, DateTimeOffset deletedAt, DateTimeOffset dueAt, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.WriteAsync(
            c => c.Query(
                r => r.GetId(0), DeleteOfUser,
                ("$user", userId.ToBlob()), ("$at", deletedAt.ToUnixTimeMilliseconds()), ("$due", dueAt.ToUnixTimeMilliseconds()), ("$limit", limit)),
            cancellationToken);
}
