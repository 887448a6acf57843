using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;
using static Streaming.Storage.Servers.PostgresVideoRows;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone.</summary>
internal sealed class PostgresVideoListStore(ServerConnections connections) : IVideoListStore
{
    private const int UploadedAt = 5;
    private const int DeletedAt = 6;

    public async Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken)
    {
        var rows = await connections.Analytics
            .Command(SelectCounted(userId), [Value(limit), Value(skip), .. userId is { } user ? [Value(user)] : Array.Empty<Npgsql.NpgsqlParameter>()])
            .ReadAsync(Store, r => (Video: r.IsDBNull(0) ? null : ToVideo(r), Total: r.GetInt64(13)), cancellationToken);
        return new CountedVideos([.. rows.Select(row => row.Video).OfType<Video>()], rows[0].Total);
    }

    // One statement, so that both are of one moment; past the end it has one row, of the number alone.
    internal static string SelectCounted(Guid? userId) => $"""
        SELECT p.*, t.total FROM (SELECT count(*) AS total FROM videos WHERE {Stored(userId, "$3")}) t
        LEFT JOIN (
            SELECT {Columns} FROM videos WHERE {Stored(userId, "$3")} ORDER BY uploaded_at DESC, id DESC LIMIT $1 OFFSET $2
        ) p ON true
        ORDER BY p.uploaded_at DESC, p.id DESC
        """;

    public Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken) => PageAsync(
        connections.Analytics, SelectPage(userId), UploadedAt, before, limit, userId is { } user ? [Value(user)] : [], cancellationToken);

    internal static string SelectPage(Guid? userId) => $"""
        SELECT {Columns} FROM videos WHERE {Stored(userId, "$4")} AND (uploaded_at, id) < ($1, $2)
        ORDER BY uploaded_at DESC, id DESC LIMIT $3
        """;

    // As the partial indexes say it, so that they are used.
    private static string Stored(Guid? userId, string parameter) =>
        userId is null ? "state = 'stored' AND user_id IS NOT NULL" : $"state = 'stored' AND user_id = {parameter}";

    internal const string SelectDeleted = $"""
        SELECT {Columns} FROM videos
        WHERE state = 'deleted' AND user_id = $4 AND due_at > $5 AND (deleted_at, id) < ($1, $2)
        ORDER BY deleted_at DESC, id DESC LIMIT $3
        """;

    public Task<VideoPage> ListDeletedAsync(
        Guid userId, DateTimeOffset now, PageCursor? before, int limit, CancellationToken cancellationToken) => PageAsync(
        connections.Analytics, SelectDeleted, DeletedAt, before, limit, [Value(userId), Value(now.ToUniversalTime())], cancellationToken);

    internal const string SelectOfUser = $"""
        SELECT {Columns} FROM videos
        WHERE user_id = $4 AND state IN ('stored', 'deleted') AND (uploaded_at, id) < ($1, $2)
        ORDER BY uploaded_at DESC, id DESC LIMIT $3
        """;

    public Task<VideoPage> ListOfUserAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        PageAsync(connections.Analytics, SelectOfUser, UploadedAt, before, limit, [Value(userId)], cancellationToken);

    // Callers lock in one order, so that none waits for another in a circle.
    private const string DeleteOfUser = $"""
        WITH chosen AS (
            SELECT id FROM videos WHERE state = 'stored' AND user_id = $1 ORDER BY uploaded_at DESC, id DESC LIMIT $4 FOR UPDATE
        )
        UPDATE videos SET state = 'deleted', deleted_at = $2, due_at = {PostgresVideoStore.DueAt}
        WHERE id IN (SELECT id FROM chosen) AND state = 'stored'
        RETURNING id
        """;

    public async Task<IReadOnlyList<Guid>> DeleteAsync(
        Guid userId, DateTimeOffset deletedAt, DateTimeOffset dueAt, int limit, CancellationToken cancellationToken) =>
        await PostgresErrors.WriteAsync(
            Store,
            () => connections.Analytics
                .Command(DeleteOfUser, Value(userId), Value(deletedAt.ToUniversalTime()), Value(dueAt.ToUniversalTime()), Value(limit))
                .QueryAsync(r => r.GetGuid(0), cancellationToken));
}
