using Streaming.Videos;
using static Streaming.Storage.Embedded.SqliteVideoRows;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteVideoStore(EmbeddedDatabase database) : IVideoStore
{
    private const string Insert = """
        INSERT INTO videos (id, user_id, state, due_at) SELECT $id, user_id, 'uploading', $due FROM users WHERE user_id = $user
        """;

    public Task<bool> BeginAsync(Guid videoId, Guid userId, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(Insert, cancellationToken, ("$id", videoId.ToBlob()), ("$user", userId.ToBlob()), ("$due", dueAt.ToUnixTimeMilliseconds()));

    private const string Renew = """
        UPDATE videos SET due_at = $due WHERE id = $id AND state = 'uploading' AND user_id IS NOT NULL
        """;

    public Task<bool> RenewAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(Renew, cancellationToken, ("$id", videoId.ToBlob()), ("$due", dueAt.ToUnixTimeMilliseconds()));

    private const string Publish = """
        UPDATE videos SET state = 'stored', title = $title, format = $format, size_bytes = $bytes, uploaded_at = $at, due_at = NULL, inspect_at = $at
        WHERE id = $id AND user_id = $user AND state = 'uploading'
        """;

    private const string SelectPublished = $"""
        SELECT {Columns} FROM videos WHERE id = $id AND user_id = $user AND state IN ('stored', 'deleted')
        """;

    public Task<Video?> PublishAsync(NewVideo video, DateTimeOffset uploadedAt, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(
            c =>
            {
                var (id, user) = (video.VideoId.ToBlob(), video.UserId.ToBlob());
                c.Execute(
                    Publish,
                    ("$id", id), ("$user", user), ("$title", video.Title), ("$format", (int)video.Format), ("$bytes", video.Bytes),
                    ("$at", uploadedAt.ToUnixTimeMilliseconds()));
                return c.Query(ToVideo, SelectPublished, ("$id", id), ("$user", user)).SingleOrDefault();
            },
            cancellationToken);

    private const string Forget = "DELETE FROM videos WHERE id = $id AND state = 'uploading'";

    private const string GiveUp = "UPDATE videos SET state = 'removing', due_at = $now WHERE id = $id AND state = 'uploading'";

    public Task AbandonAsync(Guid videoId, bool mayHaveMedia, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync(mayHaveMedia ? GiveUp : Forget, cancellationToken, ("$id", videoId.ToBlob()), ("$now", now.ToUnixTimeMilliseconds()));

    private const string Select = $"""
        SELECT {Columns} FROM videos WHERE id = $id AND state IN ('stored', 'deleted') AND user_id IS NOT NULL
        """;

    public Task<Video?> FindAsync(Guid videoId, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => c.Query(ToVideo, Select, ("$id", videoId.ToBlob())).SingleOrDefault(), cancellationToken);

    /// <summary>When a deleted row's media are to be removed: not before its day is over, whose bandwidth it counts in.</summary>
    public const string DueAt = "max($due, (uploaded_at / 86400000 + 1) * 86400000)";

    private const string Delete = $"""
        UPDATE videos SET state = 'deleted', deleted_at = $at, due_at = {DueAt} WHERE id = $id AND state = 'stored'
        """;

    public Task<bool> DeleteAsync(Guid videoId, DateTimeOffset deletedAt, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(
            Delete, cancellationToken,
            ("$id", videoId.ToBlob()), ("$at", deletedAt.ToUnixTimeMilliseconds()), ("$due", dueAt.ToUnixTimeMilliseconds()));

    private const string Restore = """
        UPDATE videos SET state = 'stored', deleted_at = NULL, due_at = NULL
        WHERE id = $id AND state = 'deleted' AND due_at > $now AND user_id IS NOT NULL
        """;

    public Task<bool> RestoreAsync(Guid videoId, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync(Restore, cancellationToken, ("$id", videoId.ToBlob()), ("$now", now.ToUnixTimeMilliseconds()));

    private Task<bool> WriteAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        database.Analytics.WriteAsync(c => c.Execute(sql, parameters) > 0, cancellationToken);
}
