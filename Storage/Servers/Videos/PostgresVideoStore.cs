using Npgsql;
using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;
using static Streaming.Storage.Servers.PostgresVideoRows;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone.</summary>
internal sealed class PostgresVideoStore(ServerConnections connections) : IVideoStore
{
    // Locks the account, so that one that is just going is waited for and then not found.
    private const string Insert = """
        INSERT INTO videos (id, user_id, state, due_at)
        SELECT $1, u.user_id, 'uploading', $3 FROM (SELECT user_id FROM users WHERE user_id = $2 FOR KEY SHARE) u
        """;

    public Task<bool> BeginAsync(Guid videoId, Guid userId, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(Insert, cancellationToken, Value(videoId), Value(userId), Value(dueAt.ToUniversalTime()));

    private const string Renew = """
        UPDATE videos SET due_at = $2 WHERE id = $1 AND state = 'uploading' AND user_id IS NOT NULL
        """;

    public Task<bool> RenewAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(Renew, cancellationToken, Value(videoId), Value(dueAt.ToUniversalTime()));

    private const string Publish = """
        UPDATE videos SET state = 'stored', title = $3, format = $4, size_bytes = $5, uploaded_at = $6, due_at = NULL, inspect_at = $6
        WHERE id = $1 AND user_id = $2 AND state = 'uploading'
        """;

    private const string SelectPublished = $"""
        SELECT {Columns} FROM videos WHERE id = $1 AND user_id = $2 AND state IN ('stored', 'deleted')
        """;

    // Two statements, so that the second sees what another call stored for which the first had to wait.
    public Task<Video?> PublishAsync(NewVideo video, DateTimeOffset uploadedAt, CancellationToken cancellationToken) =>
        PostgresErrors.WriteAsync(Store, async () =>
        {
            await using var batch = connections.Analytics.CreateBatch()
                .With(
                    Publish,
                    Value(video.VideoId), Value(video.UserId), Value(video.Title), Value((short)video.Format), Value(video.Bytes),
                    Value(uploadedAt.ToUniversalTime()))
                .With(SelectPublished, Value(video.VideoId), Value(video.UserId));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            return (await reader.ReadAllAsync(ToVideo, cancellationToken)).SingleOrDefault();
        });

    private const string Forget = "DELETE FROM videos WHERE id = $1 AND state = 'uploading'";

    private const string GiveUp = "UPDATE videos SET state = 'removing', due_at = $2 WHERE id = $1 AND state = 'uploading'";

    public Task AbandonAsync(Guid videoId, bool mayHaveMedia, DateTimeOffset now, CancellationToken cancellationToken) => mayHaveMedia
        ? WriteAsync(GiveUp, cancellationToken, Value(videoId), Value(now.ToUniversalTime()))
        : WriteAsync(Forget, cancellationToken, Value(videoId));

    private const string Select = $"""
        SELECT {Columns} FROM videos WHERE id = $1 AND state IN ('stored', 'deleted') AND user_id IS NOT NULL
        """;

    public async Task<Video?> FindAsync(Guid videoId, CancellationToken cancellationToken) =>
        (await connections.Analytics.Command(Select, Value(videoId)).ReadAsync(Store, ToVideo, cancellationToken)).SingleOrDefault();

    /// <summary>When a deleted row's media are to be removed: not before its day is over, whose bandwidth it counts in.</summary>
    public const string DueAt = "greatest($3, date_trunc('day', uploaded_at, 'UTC') + interval '24 hours')";

    private const string Delete = $"""
        UPDATE videos SET state = 'deleted', deleted_at = $2, due_at = {DueAt} WHERE id = $1 AND state = 'stored'
        """;

    public Task<bool> DeleteAsync(Guid videoId, DateTimeOffset deletedAt, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(Delete, cancellationToken, Value(videoId), Value(deletedAt.ToUniversalTime()), Value(dueAt.ToUniversalTime()));

    private const string Restore = """
        UPDATE videos SET state = 'stored', deleted_at = NULL, due_at = NULL
        WHERE id = $1 AND state = 'deleted' AND due_at > $2 AND user_id IS NOT NULL
        """;

    public Task<bool> RestoreAsync(Guid videoId, DateTimeOffset now, CancellationToken cancellationToken) =>
        WriteAsync(Restore, cancellationToken, Value(videoId), Value(now.ToUniversalTime()));

    private Task<bool> WriteAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        PostgresErrors.WriteAsync(Store, async () => await connections.Analytics.Command(sql, parameters).ExecuteAsync(cancellationToken) > 0);
}
