using Npgsql;
using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// Each worker joins, adds up, sorts and cuts its own titles; the coordinator merges what they found. No snapshot spans
/// shards, so on Citus a reading during an apply's commit may have its views on some titles and not yet on others; one
/// title's count is never part of an apply, and the next reading has the rest.
/// </summary>
internal sealed class CitusTrendingStore(ServerConnections connections) : ITrendingStore
{
    private const string StoreName = "The trends' database";

    private const string SelectHour = """
        SELECT t.content_id, t.views, c.title, c.content_type, c.thumbnail_url
        FROM trending_hourly t JOIN content_metadata c ON c.content_id = t.content_id
        WHERE t.hour = $1
        ORDER BY t.views DESC, t.content_id LIMIT $2
        """;

    private const string SelectDays = """
        SELECT t.content_id, t.views, c.title, c.content_type, c.thumbnail_url
        FROM (SELECT content_id, sum(views)::bigint AS views FROM trending_daily WHERE date BETWEEN $1 AND $2 AND views > 0 GROUP BY content_id) t
        JOIN content_metadata c ON c.content_id = t.content_id
        ORDER BY t.views DESC, t.content_id LIMIT $3
        """;

    public Task<IReadOnlyList<TrendingTitle>> GetTopAsync(TrendingWindow window, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var moment = now.UtcDateTime;
        var today = DateOnly.FromDateTime(moment);
        var first = window == TrendingWindow.Week ? today.AddDays(-6) : today;
        var command = window == TrendingWindow.Hour
            ? connections.Metadata.Command(SelectHour, Value(moment.Date.AddHours(moment.Hour)), Value(limit))
            : connections.Metadata.Command(SelectDays, Value(first), Value(today), Value(limit));
        return PostgresErrors.ReadAsync<IReadOnlyList<TrendingTitle>>(StoreName, async cancel => await command.QueryAsync(ToTitle, cancel), cancellationToken);
    }

    private static TrendingTitle ToTitle(NpgsqlDataReader reader) =>
        new(reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetText(4));
}
