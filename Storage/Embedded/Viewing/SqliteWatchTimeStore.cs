using System.Globalization;
using Streaming.Viewing;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteWatchTimeStore(EmbeddedDatabase database) : IWatchTimeStore
{
    private const string SelectUnpublished = """
        SELECT date, content_id, seconds / 60 FROM daily_watch_time WHERE seconds / 60 > published_minutes
        ORDER BY date, content_id LIMIT $limit
        """;

    private const string Publish = """
        INSERT INTO trending_daily (date, content_id, watch_time_minutes, measured_minutes) VALUES ($date, $id, $minutes, $minutes)
        ON CONFLICT DO UPDATE SET
            watch_time_minutes = watch_time_minutes + excluded.measured_minutes - measured_minutes,
            measured_minutes = excluded.measured_minutes
        WHERE excluded.measured_minutes > measured_minutes
        """;

    private const string MarkPublished = """
        UPDATE daily_watch_time SET published_minutes = max(published_minutes, $minutes) WHERE date = $date AND content_id = $id
        """;

    public async Task<int> PublishAsync(int limit, CancellationToken cancellationToken)
    {
        var rows = await database.Analytics.ReadAsync(
            c => c.Query(r => (Date: r.GetString(0), Id: r.GetId(1), Minutes: r.GetInt64(2)), SelectUnpublished, ("$limit", limit)), cancellationToken);
        if (rows.Count == 0)
            return 0;

        await database.Metadata.WriteAsync(
            c => rows.Sum(row => c.Execute(Publish, ("$date", row.Date), ("$id", row.Id.ToBlob()), ("$minutes", row.Minutes))), cancellationToken);
        return await database.Analytics.WriteAsync(
            c => rows.Sum(row => c.Execute(MarkPublished, ("$date", row.Date), ("$id", row.Id.ToBlob()), ("$minutes", row.Minutes))), cancellationToken);
    }

    private const string Forget = """
        DELETE FROM daily_watch_time WHERE (date, content_id) IN (
            SELECT date, content_id FROM daily_watch_time WHERE date < $day AND seconds / 60 <= published_minutes LIMIT $limit)
        """;

    public Task<int> ForgetAsync(DateOnly day, int limit, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(Forget, ("$day", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("$limit", limit)), cancellationToken);
}
