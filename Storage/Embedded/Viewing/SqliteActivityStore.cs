using Microsoft.Data.Sqlite;
using Streaming.Viewing;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteActivityStore(EmbeddedDatabase database) : IActivityStore
{
    private const string SelectHistory = """
        SELECT u.username, c.title, h.watched_at, h.duration_watched_seconds, h.content_id, h.last_position_seconds,
               coalesce(r.watched, 0), h.history_id
        FROM user_watch_history h
        JOIN users u USING (user_id)
        JOIN metadata.content_metadata c ON c.content_id = h.content_id
        LEFT JOIN resume_positions r ON r.user_id = h.user_id AND r.content_id = h.content_id
        WHERE h.user_id = $user AND ($at IS NULL OR (h.watched_at, h.history_id) < ($at, $id))
        ORDER BY h.watched_at DESC, h.history_id DESC LIMIT $limit + 1
        """;

    public Task<HistoryPage> GetHistoryAsync(
        Guid userId, int limit, PageCursor? before, Freshness freshness, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Paging.Page(
                c.Query(
                    reader => (Row: ToWatched(reader), Key: new PageCursor(reader.GetInt64(2), reader.GetId(7))),
                    SelectHistory,
                    ("$user", userId.ToBlob()), ("$at", before?.Sort), ("$id", before?.Id.ToBlob()), ("$limit", limit)),
                limit,
                (rows, next) => new HistoryPage(rows, next)),
            cancellationToken);

    private static WatchedTitle ToWatched(SqliteDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetMoment(2), r.GetInt32(3), r.GetId(4), r.GetInt32(5), r.GetBoolean(6));

    private const string SelectSession = """
        SELECT h.content_id, h.watched_at, h.duration_watched_seconds, h.last_position_seconds, h.qualified_at, h.view_recorded,
               coalesce(h.started_at, h.watched_at), coalesce(h.heard_at, h.watched_at),
               iif(h.started_at IS NULL, h.duration_watched_seconds, h.watched_before_seconds), h.allowance_seconds, h.owed_seconds,
               r.position_seconds, r.duration_seconds, r.watched, r.updated_at, r.session_id, r.viewed_at, r.forgotten
        FROM user_watch_history h JOIN resume_positions r USING (user_id, content_id)
        WHERE h.history_id = $id AND h.user_id = $user
        """;

    public Task<SessionProgress?> GetSessionAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => c.Query(
                r => new SessionProgress(
                    sessionId, userId, r.GetId(0), r.GetMoment(1), r.GetInt32(2), r.GetInt32(3),
                    r.IsDBNull(4) ? null : r.GetMoment(4), r.GetBoolean(5),
                    new ViewingPeriod(r.GetMoment(6), r.GetMoment(7), r.GetInt32(8), r.GetDouble(9), r.GetInt32(10)),
                    ToTitle(r, r.GetId(0), 11)),
                SelectSession,
                ("$id", sessionId.ToBlob()), ("$user", userId.ToBlob())).SingleOrDefault(),
            cancellationToken);

    private const string SelectTitle = """
        SELECT position_seconds, duration_seconds, watched, updated_at, session_id, viewed_at, forgotten FROM resume_positions
        WHERE user_id = $user AND content_id = $content
        """;

    public Task<TitleProgress?> GetTitleAsync(Guid userId, Guid contentId, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => c.Query(r => ToTitle(r, contentId, 0), SelectTitle, ("$user", userId.ToBlob()), ("$content", contentId.ToBlob())).SingleOrDefault(),
            cancellationToken);

    private static TitleProgress ToTitle(SqliteDataReader r, Guid contentId, int column) => new(
        new ResumePosition(contentId, r.GetInt32(column), r.GetInt32(column + 1), r.GetBoolean(column + 2), r.GetMoment(column + 3)),
        r.IsDBNull(column + 4) ? null : r.GetId(column + 4), r.IsDBNull(column + 5) ? null : r.GetMoment(column + 5), r.GetBoolean(column + 6));

    private const string SelectPosition = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $user AND content_id = $content AND NOT forgotten
        """;

    public Task<ResumePosition?> GetResumePositionAsync(Guid userId, Guid contentId, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => c.Query(ToPosition, SelectPosition, ("$user", userId.ToBlob()), ("$content", contentId.ToBlob())).SingleOrDefault(),
            cancellationToken);

    private const string SelectContinue = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $user AND position_seconds > 0 ORDER BY updated_at DESC, content_id LIMIT $limit
        """;

    public async Task<IReadOnlyList<ResumePosition>> GetContinueWatchingAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync(
            c => c.Query(ToPosition, SelectContinue, ("$user", userId.ToBlob()), ("$limit", limit)), cancellationToken);

    private static ResumePosition ToPosition(SqliteDataReader r) =>
        new(r.GetId(0), r.GetInt32(1), r.GetInt32(2), r.GetBoolean(3), r.GetMoment(4));

    private const string ForgetPosition = """
        UPDATE resume_positions SET position_seconds = 0, watched = 0, session_id = NULL, forgotten = 1, updated_at = max(updated_at, $at)
        WHERE user_id = $user AND content_id = $content
        """;

    public Task ForgetPositionAsync(Guid userId, Guid contentId, DateTimeOffset at, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(ForgetPosition, ("$user", userId.ToBlob()), ("$content", contentId.ToBlob()), ("$at", at.ToUnixTimeMilliseconds())),
        cancellationToken);

    private const string SelectSessions = """
        SELECT history_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at
        FROM user_watch_history
        WHERE user_id = $user AND ($at IS NULL OR (watched_at, history_id) < ($at, $id))
        ORDER BY watched_at DESC, history_id DESC LIMIT $limit + 1
        """;

    public Task<StorePage<WatchedSession>> ListSessionsAsync(Guid userId, int limit, PageCursor? before, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Paging.Page(
                c.Query(
                    r => (Row: ToSession(r), Key: new PageCursor(r.GetInt64(2), r.GetId(0))),
                    SelectSessions,
                    ("$user", userId.ToBlob()), ("$at", before?.Sort), ("$id", before?.Id.ToBlob()), ("$limit", limit)),
                limit,
                (rows, next) => new StorePage<WatchedSession>(rows, next)),
            cancellationToken);

    private static WatchedSession ToSession(SqliteDataReader r) => new(
        r.GetId(0), r.GetId(1), r.GetMoment(2), r.GetInt32(3), r.GetInt32(4), r.IsDBNull(5) ? null : r.GetMoment(5));

    private const string SelectPositions = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $user AND ($id IS NULL OR content_id > $id) AND NOT forgotten ORDER BY content_id LIMIT $limit + 1
        """;

    public Task<StorePage<ResumePosition>> ListResumePositionsAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Paging.Page(
                c.Query(
                    r => (Row: ToPosition(r), Key: new PageCursor(0, r.GetId(0))),
                    SelectPositions, ("$user", userId.ToBlob()), ("$id", after?.Id.ToBlob()), ("$limit", limit)),
                limit,
                (rows, next) => new StorePage<ResumePosition>(rows, next)),
            cancellationToken);

    private const string DeleteSessions = """
        DELETE FROM user_watch_history WHERE history_id IN (SELECT history_id FROM user_watch_history WHERE user_id = $user LIMIT $limit)
        """;

    private const string DeletePositions = """
        DELETE FROM resume_positions WHERE user_id = $user
            AND content_id IN (SELECT content_id FROM resume_positions WHERE user_id = $user LIMIT $limit)
        """;

    public Task<int> RemoveAsync(Guid userId, int limit, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(DeleteSessions, ("$user", userId.ToBlob()), ("$limit", limit))
            + c.Execute(DeletePositions, ("$user", userId.ToBlob()), ("$limit", limit)),
        cancellationToken);
}
