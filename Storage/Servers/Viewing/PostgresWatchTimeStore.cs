using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresWatchTimeStore(ServerConnections connections) : IWatchTimeStore
{
    private const string Analytics = "The analytics database";
    private const string Metadata = "The metadata database";

    private const string SelectUnpublished = """
        SELECT date, content_id, seconds / 60 FROM daily_watch_time WHERE seconds / 60 > published_minutes
        ORDER BY date, content_id LIMIT $1
        """;

    // In the order of the titles, as the view ledger's own step writes these rows.
    private const string Publish = """
        INSERT INTO trending_daily (date, content_id, watch_time_minutes, measured_minutes)
        SELECT w.date, w.content_id, w.minutes, w.minutes FROM unnest($1, $2, $3) AS w (date, content_id, minutes)
        ON CONFLICT (date, content_id) DO UPDATE SET
            watch_time_minutes = trending_daily.watch_time_minutes + excluded.measured_minutes - trending_daily.measured_minutes,
            measured_minutes = excluded.measured_minutes
        WHERE excluded.measured_minutes > trending_daily.measured_minutes
        """;

    private const string MarkPublished = """
        UPDATE daily_watch_time d SET published_minutes = w.minutes FROM unnest($1, $2, $3) AS w (date, content_id, minutes)
        WHERE d.date = w.date AND d.content_id = w.content_id AND d.published_minutes < w.minutes
        """;

    public async Task<int> PublishAsync(int limit, CancellationToken cancellationToken)
    {
        var rows = await connections.Analytics.Command(SelectUnpublished, Value(limit)).ReadAsync(
            Analytics, r => (Date: r.GetFieldValue<DateOnly>(0), Id: r.GetGuid(1), Minutes: r.GetInt64(2)), cancellationToken);
        if (rows.Count == 0)
            return 0;

        var titles = rows.OrderBy(row => row.Id).ThenBy(row => row.Date).ToList();
        var dates = titles.Select(row => row.Date).ToArray();
        var ids = titles.Select(row => row.Id).ToArray();
        var minutes = titles.Select(row => row.Minutes).ToArray();
        await PostgresErrors.WriteAsync(
            Metadata, () => connections.Metadata.Command(Publish, Value(dates), Value(ids), Value(minutes)).ExecuteAsync(cancellationToken));
        await PostgresErrors.WriteAsync(
            Analytics, () => connections.Analytics.Command(MarkPublished, Value(dates), Value(ids), Value(minutes)).ExecuteAsync(cancellationToken));
        return rows.Count;
    }

    private const string Forget = """
        DELETE FROM daily_watch_time WHERE (date, content_id) IN (
            SELECT date, content_id FROM daily_watch_time WHERE date < $1 AND seconds / 60 <= published_minutes LIMIT $2)
        """;

    public Task<int> ForgetAsync(DateOnly day, int limit, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Analytics, () => connections.Analytics.Command(Forget, Value(day), Value(limit)).ExecuteAsync(cancellationToken));
}
