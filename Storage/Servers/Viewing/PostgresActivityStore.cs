using Npgsql;
using NpgsqlTypes;
using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresActivityStore(ServerConnections connections, ReplicaReader replica) : IActivityStore
{
    private const string Store = "The analytics database";

    // Runs on the metadata database. The page is made by the analytics server alone: the wrapper does not send row
    // comparisons, and where it cannot send a condition it does not send the limit. Titles are joined by themselves: an
    // outer join of the page with a distributed table would fetch the whole table.
    private const string SelectHistory = """
        WITH page AS MATERIALIZED (
            SELECT h.history_id, h.content_id, h.watched_at, h.duration_watched_seconds, h.last_position_seconds, u.username, r.watched
            FROM {schema}.user_watch_history h
            JOIN {schema}.users u ON u.user_id = h.user_id
            LEFT JOIN {schema}.resume_positions r ON r.user_id = h.user_id AND r.content_id = h.content_id
            WHERE h.user_id = $1 AND h.watched_at <= $2 AND (h.watched_at < $2 OR h.history_id < $3)
            ORDER BY h.watched_at DESC, h.history_id DESC LIMIT $4
        ),
        titles AS MATERIALIZED (
            SELECT c.content_id, c.title FROM content_metadata c WHERE c.content_id IN (SELECT content_id FROM page)
        )
        SELECT p.username, t.title, p.watched_at, p.duration_watched_seconds, p.content_id, p.last_position_seconds,
               coalesce(p.watched, false), p.history_id
        FROM page p LEFT JOIN titles t ON t.content_id = p.content_id
        ORDER BY p.watched_at DESC, p.history_id DESC
        """;

    private static readonly string SelectFromMaster = SelectHistoryFrom(FederationStep.MasterSchema);
    private static readonly string SelectFromReplica = SelectHistoryFrom(FederationStep.ReplicaSchema);

    internal static string SelectHistoryFrom(string schema) => SelectHistory.Replace("{schema}", schema, StringComparison.Ordinal);

    public Task<HistoryPage> GetHistoryAsync(
        Guid userId, int limit, PageCursor? before, Freshness freshness, CancellationToken cancellationToken) =>
        freshness == Freshness.Latest
            ? ReadHistoryAsync(Source.Master, userId, limit, before, cancellationToken)
            : replica.ReadAsync((source, cancel) => ReadHistoryAsync(source, userId, limit, before, cancel), cancellationToken);

    private async Task<HistoryPage> ReadHistoryAsync(
        Source source, Guid userId, int limit, PageCursor? before, CancellationToken cancellationToken)
    {
        var (at, id) = before is { } cursor ? (PostgresReads.FromMicroseconds(cursor.Sort), cursor.Id) : (PostgresReads.Latest, Guid.Empty);
        var rows = await connections.Federated
            .Command(
                source == Source.Replica ? SelectFromReplica : SelectFromMaster,
                Value(userId), Value(at), Value(id), Value(limit + 1))
            .ReadAsync(
                Store,
                reader => (Row: ToWatched(reader), Key: new PageCursor(reader.GetMoment(2).ToMicroseconds(), reader.GetGuid(7))),
                cancellationToken);
        // Titles that are gone from the catalogue leave a gap, not the end of the pages.
        return new HistoryPage(
            [.. rows.Take(limit).Select(row => row.Row).OfType<WatchedTitle>()],
            rows.Count > limit ? rows[limit - 1].Key : null);
    }

    private static WatchedTitle? ToWatched(NpgsqlDataReader r) => r.IsDBNull(1)
        ? null
        : new WatchedTitle(r.GetString(0), r.GetString(1), r.GetMoment(2), r.GetInt32(3), r.GetGuid(4), r.GetInt32(5), r.GetBoolean(6));

    private const string SelectSession = """
        SELECT h.content_id, h.watched_at, h.duration_watched_seconds, h.last_position_seconds, h.qualified_at, h.view_recorded,
               coalesce(h.started_at, h.watched_at), coalesce(h.heard_at, h.watched_at),
               CASE WHEN h.started_at IS NULL THEN h.duration_watched_seconds ELSE h.watched_before_seconds END, h.allowance_seconds, h.owed_seconds,
               r.position_seconds, r.duration_seconds, r.watched, r.updated_at, r.session_id, r.viewed_at, r.forgotten
        FROM user_watch_history h JOIN resume_positions r USING (user_id, content_id)
        WHERE h.history_id = $1 AND h.user_id = $2
        """;

    public async Task<SessionProgress?> GetSessionAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken)
    {
        var sessions = await connections.Analytics.Command(SelectSession, Value(sessionId), Value(userId)).ReadAsync(
            Store,
            r => new SessionProgress(
                sessionId, userId, r.GetGuid(0), r.GetMoment(1), r.GetInt32(2), r.GetInt32(3),
                r.IsDBNull(4) ? null : r.GetMoment(4), r.GetBoolean(5),
                new ViewingPeriod(r.GetMoment(6), r.GetMoment(7), r.GetInt32(8), r.GetDouble(9), r.GetInt32(10)),
                ToTitle(r, r.GetGuid(0), 11)),
            cancellationToken);
        return sessions.SingleOrDefault();
    }

    private const string SelectTitle = """
        SELECT position_seconds, duration_seconds, watched, updated_at, session_id, viewed_at, forgotten FROM resume_positions
        WHERE user_id = $1 AND content_id = $2
        """;

    public async Task<TitleProgress?> GetTitleAsync(Guid userId, Guid contentId, CancellationToken cancellationToken)
    {
        var titles = await connections.Analytics.Command(SelectTitle, Value(userId), Value(contentId))
            .ReadAsync(Store, r => ToTitle(r, contentId, 0), cancellationToken);
        return titles.SingleOrDefault();
    }

    private static TitleProgress ToTitle(NpgsqlDataReader r, Guid contentId, int column) => new(
        new ResumePosition(contentId, r.GetInt32(column), r.GetInt32(column + 1), r.GetBoolean(column + 2), r.GetMoment(column + 3)),
        r.IsDBNull(column + 4) ? null : r.GetGuid(column + 4), r.IsDBNull(column + 5) ? null : r.GetMoment(column + 5), r.GetBoolean(column + 6));

    private const string SelectPosition = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $1 AND content_id = $2 AND NOT forgotten
        """;

    public async Task<ResumePosition?> GetResumePositionAsync(Guid userId, Guid contentId, CancellationToken cancellationToken)
    {
        var positions = await connections.Analytics.Command(SelectPosition, Value(userId), Value(contentId))
            .ReadAsync(Store, ToPosition, cancellationToken);
        return positions.SingleOrDefault();
    }

    private const string SelectContinue = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $1 AND position_seconds > 0 ORDER BY updated_at DESC, content_id LIMIT $2
        """;

    public async Task<IReadOnlyList<ResumePosition>> GetContinueWatchingAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        await connections.Analytics.Command(SelectContinue, Value(userId), Value(limit)).ReadAsync(Store, ToPosition, cancellationToken);

    private static ResumePosition ToPosition(NpgsqlDataReader r) =>
        new(r.GetGuid(0), r.GetInt32(1), r.GetInt32(2), r.GetBoolean(3), r.GetMoment(4));

    private const string ForgetPosition = """
        UPDATE resume_positions
        SET position_seconds = 0, watched = false, session_id = NULL, forgotten = true, updated_at = greatest(updated_at, $3)
        WHERE user_id = $1 AND content_id = $2
        """;

    public Task ForgetPositionAsync(Guid userId, Guid contentId, DateTimeOffset at, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics.Command(ForgetPosition, Value(userId), Value(contentId), Value(at.ToUniversalTime())).ExecuteAsync(cancellationToken));

    private const string SelectSessions = """
        SELECT history_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, qualified_at
        FROM user_watch_history WHERE user_id = $1 AND (watched_at, history_id) < ($2, $3)
        ORDER BY watched_at DESC, history_id DESC LIMIT $4
        """;

    public async Task<StorePage<WatchedSession>> ListSessionsAsync(
        Guid userId, int limit, PageCursor? before, CancellationToken cancellationToken)
    {
        var (at, id) = before is { } last ? (PostgresReads.FromMicroseconds(last.Sort), last.Id) : (PostgresReads.Latest, Guid.Empty);
        var rows = await connections.Analytics.Command(SelectSessions, Value(userId), Value(at), Value(id), Value(limit + 1)).ReadAsync(
            Store, r => (Row: ToSession(r), Key: new PageCursor(r.GetMoment(2).ToMicroseconds(), r.GetGuid(0))), cancellationToken);
        return Paging.Page(rows, limit, (sessions, next) => new StorePage<WatchedSession>(sessions, next));
    }

    private static WatchedSession ToSession(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetGuid(1), r.GetMoment(2), r.GetInt32(3), r.GetInt32(4), r.IsDBNull(5) ? null : r.GetMoment(5));

    private const string SelectPositions = """
        SELECT content_id, position_seconds, duration_seconds, watched, updated_at FROM resume_positions
        WHERE user_id = $1 AND ($2 IS NULL OR content_id > $2) AND NOT forgotten ORDER BY content_id LIMIT $3
        """;

    public async Task<StorePage<ResumePosition>> ListResumePositionsAsync(
        Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var rows = await connections.Analytics
            .Command(SelectPositions, Value(userId), after is { } last ? Value(last.Id) : Null(NpgsqlDbType.Uuid), Value(limit + 1))
            .ReadAsync(Store, r => (Row: ToPosition(r), Key: new PageCursor(0, r.GetGuid(0))), cancellationToken);
        return Paging.Page(rows, limit, (positions, next) => new StorePage<ResumePosition>(positions, next));
    }

    private const string DeleteSessions = """
        DELETE FROM user_watch_history WHERE history_id IN (SELECT history_id FROM user_watch_history WHERE user_id = $1 LIMIT $2)
        """;

    private const string DeletePositions = """
        DELETE FROM resume_positions WHERE user_id = $1
            AND content_id IN (SELECT content_id FROM resume_positions WHERE user_id = $1 LIMIT $2)
        """;

    public Task<int> RemoveAsync(Guid userId, int limit, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var batch = connections.Analytics.CreateBatch()
            .With(DeleteSessions, Value(userId), Value(limit))
            .With(DeletePositions, Value(userId), Value(limit));
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    });
}
