using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Ledger;

namespace Streaming.Storage.Embedded;

/// <summary>The apply step inside its transaction: journal rows in, totals, hours, days and receipts out.</summary>
internal static class SqliteViewTotals
{
    public static long Get(SqliteConnection connection, Guid contentId) =>
        connection.Scalar("SELECT views FROM content_views WHERE content_id = $id", ("$id", contentId.ToBlob())) ?? 0;

    private const string MoveWatermark = """
        UPDATE ledger_writers SET applied_batch = $last WHERE writer_id = $writer AND applied_batch = $applied
        """;

    /// <param name="applied">The watermark's value that the rows were read after.</param>
    public static AppliedViews Apply(SqliteConnection connection, string writerId, long applied, List<JournalRow> rows)
    {
        if (connection.Execute(MoveWatermark, ("$last", rows[^1].Batch), ("$writer", writerId), ("$applied", applied)) == 0)
            return AppliedViews.None;

        var sums = Reduce(connection, rows);
        AddHours(connection, sums.Fresh);
        AddDays(connection, sums.Fresh);
        var totals = AddTotals(connection, sums.Fresh);
        var titles = new List<AppliedTitle>(sums.Journalled.Count);
        foreach (var (contentId, journalled) in sums.Journalled)
            titles.Add(new AppliedTitle(contentId, journalled, totals.TryGetValue(contentId, out var total) ? total : Get(connection, contentId)));

        return new AppliedViews(rows.Count, rows.Sum(row => (long)row.Size), titles, 0);
    }

    private const string InsertReceipt = "INSERT INTO view_receipts (receipt, accepted_at) VALUES ($receipt, $at) ON CONFLICT DO NOTHING";

    private static ViewSums Reduce(SqliteConnection connection, List<JournalRow> rows)
    {
        using var insert = connection.Command(InsertReceipt, ("$receipt", null), ("$at", null));
        return ViewSums.Of(rows, (receipt, acceptedAt) =>
        {
            insert.Parameters[0].Value = receipt.ToBlob();
            insert.Parameters[1].Value = acceptedAt.ToUnixTimeMilliseconds();
            return insert.ExecuteNonQuery() == 1;
        });
    }

    private const string UpsertHour = """
        INSERT INTO trending_hourly (hour, content_id, views) VALUES ($hour, $id, $views)
        ON CONFLICT DO UPDATE SET views = views + excluded.views
        """;

    private static void AddHours(SqliteConnection connection, Dictionary<(long Hour, Guid ContentId), long> sums)
    {
        using var command = connection.Command(UpsertHour, ("$hour", null), ("$id", null), ("$views", null));
        foreach (var ((hour, contentId), views) in sums)
            command.ExecuteWith(hour, contentId.ToBlob(), views);
    }

    private const string UpsertDay = """
        INSERT INTO trending_daily (date, content_id, views) VALUES ($date, $id, $views)
        ON CONFLICT DO UPDATE SET views = views + excluded.views
        """;

    private static void AddDays(SqliteConnection connection, Dictionary<(long Hour, Guid ContentId), long> sums)
    {
        var dates = sums.Keys.Select(key => key.Hour).Distinct().ToDictionary(hour => hour, DateOf);
        using var command = connection.Command(UpsertDay, ("$date", null), ("$id", null), ("$views", null));
        foreach (var ((hour, contentId), views) in sums)
            command.ExecuteWith(dates[hour], contentId.ToBlob(), views);
    }

    private const string UpsertTotal = """
        INSERT INTO content_views (content_id, views) VALUES ($id, $views)
        ON CONFLICT DO UPDATE SET views = views + excluded.views RETURNING views
        """;

    private static Dictionary<Guid, long> AddTotals(SqliteConnection connection, Dictionary<(long Hour, Guid ContentId), long> sums)
    {
        var totals = new Dictionary<Guid, long>(sums.Count);
        using var command = connection.Command(UpsertTotal, ("$id", null), ("$views", null));
        foreach (var ((_, contentId), views) in sums)
        {
            command.Parameters[0].Value = contentId.ToBlob();
            command.Parameters[1].Value = views;
            totals[contentId] = (long)command.ExecuteScalar()!;
        }

        return totals;
    }

    public static string DateOf(long hour) =>
        DateTimeOffset.FromUnixTimeSeconds(hour * 3600).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void ExecuteWith(this SqliteCommand command, object first, object second, object third)
    {
        command.Parameters[0].Value = first;
        command.Parameters[1].Value = second;
        command.Parameters[2].Value = third;
        command.ExecuteNonQuery();
    }
}
