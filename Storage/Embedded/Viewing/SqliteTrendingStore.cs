using Microsoft.Data.Sqlite;
using Streaming.Viewing;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteTrendingStore(EmbeddedDatabase database) : ITrendingStore
{
    private const string SelectHour = """
        SELECT t.content_id, t.views, c.title, c.content_type, c.thumbnail_url
        FROM (SELECT content_id, views FROM trending_hourly WHERE hour = $hour ORDER BY views DESC, content_id LIMIT $limit) t
        JOIN content_metadata c USING (content_id) ORDER BY t.views DESC, t.content_id
        """;

    private const string SelectDays = """
        SELECT t.content_id, t.views, c.title, c.content_type, c.thumbnail_url
        FROM (SELECT content_id, sum(views) AS views FROM trending_daily WHERE date BETWEEN $first AND $last AND views > 0
              GROUP BY content_id ORDER BY views DESC, content_id LIMIT $limit) t
        JOIN content_metadata c USING (content_id) ORDER BY t.views DESC, t.content_id
        """;

    public async Task<IReadOnlyList<TrendingTitle>> GetTopAsync(
        TrendingWindow window, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var hour = ViewSums.HourOf(now);
        var first = SqliteViewTotals.DateOf(window == TrendingWindow.Week ? hour - (6 * 24) : hour);
        return await database.Metadata.ReadAsync(
            c => window == TrendingWindow.Hour
                ? c.Query(ToTitle, SelectHour, ("$hour", hour), ("$limit", limit))
                : c.Query(ToTitle, SelectDays, ("$first", first), ("$last", SqliteViewTotals.DateOf(hour)), ("$limit", limit)),
            cancellationToken);
    }

    private static TrendingTitle ToTitle(SqliteDataReader reader) =>
        new(reader.GetId(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetText(4));
}
