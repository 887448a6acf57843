using Npgsql;
using NpgsqlTypes;
using Streaming.Ledger;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>Entries of a row, by their index, that cannot be added, and why.</summary>
internal sealed record BadEntries(SortedSet<int> Indexes, string Reason);

/// <summary>
/// An apply step inside its transaction: journal rows in; receipts, hours, days and totals out. Each table gets its rows as
/// arrays in one statement, in ascending order, so that steps of several silos rarely meet in a deadlock.
/// </summary>
/// <param name="applied">The watermark's value that the rows were read after.</param>
/// <param name="bad">Of the only row: what is set aside instead of applied.</param>
internal sealed class CitusViewTotals(string writerId, long applied, List<JournalRow> rows, BadEntries? bad = null)
{
    // An apply of many titles on a busy cluster; everything else keeps to the connection's own time-out.
    private const int TimeoutSeconds = 30;

    public string WriterId => writerId;

    /// <summary>What the watermark is moved to.</summary>
    public long Last => rows[^1].Batch;

    /// <summary>Views of days that this step has changed, after it.</summary>
    public List<(DateOnly Day, Guid ContentId, long Views)> Days { get; private set; } = [];

    /// <summary>Totals that this step has changed, after it.</summary>
    public Dictionary<Guid, long> Totals { get; private set; } = [];

    private const string MoveWatermark = "UPDATE ledger_writers SET applied_batch = $3 WHERE writer_id = $1 AND applied_batch = $2";
    private const string DeleteRows = "DELETE FROM view_journal WHERE writer_id = $1 AND batch_no <= $2";

    /// <summary>Null when another has applied the rows meanwhile: the transaction is to be rolled back.</summary>
    public async Task<AppliedViews?> ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (await connection.Command(MoveWatermark, Value(writerId), Value(applied), Value(Last)).ExecuteAsync(cancellationToken) == 0)
            return null;

        (Days, Totals) = ([], []);
        if (bad is not null)
            await SetAsideAsync(connection, rows[0], bad, cancellationToken);

        var good = bad is null ? rows : [rows[0] with { Entries = rows[0].Entries!.Pick([.. Enumerable.Range(0, rows[0].Size).Except(bad.Indexes)]) }];
        var sums = await ReduceAsync(connection, good, cancellationToken);
        if (sums.Fresh.Count > 0)
        {
            await AddHoursAsync(connection, sums, cancellationToken);
            Days = await AddDaysAsync(connection, sums, cancellationToken);
            Totals = await AddTotalsAsync(connection, sums, cancellationToken);
        }

        await connection.Command(DeleteRows, Value(writerId), Value(Last)).ExecuteAsync(cancellationToken);
        var journalled = bad is null ? sums.Journalled : ViewSums.Of(rows, (_, _) => false).Journalled;
        return new AppliedViews(
            rows.Count, rows.Sum(row => (long)row.Size), await TitlesAsync(connection, journalled, cancellationToken), bad is null ? 0 : 1);
    }

    private const string InsertReceipts = """
        INSERT INTO view_receipts (receipt, accepted_at) SELECT r.receipt, r.accepted_at FROM unnest($1, $2) AS r (receipt, accepted_at)
        ON CONFLICT DO NOTHING RETURNING receipt
        """;

    private static async Task<ViewSums> ReduceAsync(NpgsqlConnection connection, List<JournalRow> rows, CancellationToken cancellationToken)
    {
        var receipts = ViewSums.ReceiptsOf(rows);
        if (receipts.Count == 0)
            return ViewSums.Of(rows, (_, _) => false);

        var ascending = receipts.OrderBy(receipt => receipt.Key).ToList();
        var added = await Slow(connection.Command(
                InsertReceipts,
                Value<Guid[]>([.. ascending.Select(r => r.Key)]), Value<DateTimeOffset[]>([.. ascending.Select(r => r.Value)])))
            .QueryAsync(r => r.GetGuid(0), cancellationToken);
        var fresh = added.ToHashSet();
        return ViewSums.Of(rows, (receipt, _) => fresh.Contains(receipt));
    }

    private const string UpsertHours = """
        INSERT INTO trending_hourly (hour, content_id, views) SELECT v.hour, v.content_id, v.views FROM unnest($1, $2, $3) AS v (hour, content_id, views)
        ON CONFLICT (hour, content_id) DO UPDATE SET views = trending_hourly.views + excluded.views
        """;

    private static async Task AddHoursAsync(NpgsqlConnection connection, ViewSums sums, CancellationToken cancellationToken)
    {
        var hours = sums.Fresh.OrderBy(sum => sum.Key.ContentId).ThenBy(sum => sum.Key.Hour).ToList();
        await Slow(connection.Command(
                UpsertHours,
                Value<DateTimeOffset[]>([.. hours.Select(sum => DateTimeOffset.FromUnixTimeSeconds(sum.Key.Hour * 3600))]),
                Value<Guid[]>([.. hours.Select(sum => sum.Key.ContentId)]),
                Value<long[]>([.. hours.Select(sum => sum.Value)])))
            .ExecuteAsync(cancellationToken);
    }

    private const string UpsertDays = """
        INSERT INTO trending_daily (date, content_id, views) SELECT v.date, v.content_id, v.views FROM unnest($1, $2, $3) AS v (date, content_id, views)
        ON CONFLICT (date, content_id) DO UPDATE SET views = trending_daily.views + excluded.views
        RETURNING date, content_id, views
        """;

    private static Task<List<(DateOnly Day, Guid ContentId, long Views)>> AddDaysAsync(
        NpgsqlConnection connection, ViewSums sums, CancellationToken cancellationToken)
    {
        var days = sums.Fresh
            .GroupBy(sum => (sum.Key.ContentId, Day: DateOnly.FromDayNumber((int)(sum.Key.Hour / 24) + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)))
            .OrderBy(day => day.Key.ContentId).ThenBy(day => day.Key.Day)
            .ToList();
        return Slow(connection.Command(
                UpsertDays,
                Value<DateOnly[]>([.. days.Select(day => day.Key.Day)]),
                Value<Guid[]>([.. days.Select(day => day.Key.ContentId)]),
                Value<long[]>([.. days.Select(day => day.Sum(sum => sum.Value))])))
            .QueryAsync(r => (r.GetFieldValue<DateOnly>(0), r.GetGuid(1), r.GetInt64(2)), cancellationToken);
    }

    private const string UpsertTotals = """
        INSERT INTO content_views (content_id, views) SELECT v.content_id, v.views FROM unnest($1, $2) AS v (content_id, views)
        ON CONFLICT (content_id) DO UPDATE SET views = content_views.views + excluded.views
        RETURNING content_id, views
        """;

    private static async Task<Dictionary<Guid, long>> AddTotalsAsync(NpgsqlConnection connection, ViewSums sums, CancellationToken cancellationToken)
    {
        var titles = sums.Fresh.GroupBy(sum => sum.Key.ContentId).OrderBy(title => title.Key).ToList();
        return new(await Slow(connection.Command(
                UpsertTotals,
                Value<Guid[]>([.. titles.Select(title => title.Key)]),
                Value<long[]>([.. titles.Select(title => title.Sum(sum => sum.Value))])))
            .QueryAsync(r => KeyValuePair.Create(r.GetGuid(0), r.GetInt64(1)), cancellationToken));
    }

    private const string SelectTotals = "SELECT content_id, views FROM content_views WHERE content_id = ANY ($1)";

    /// <summary>The totals of those of the titles that have one.</summary>
    public static async Task<Dictionary<Guid, long>> ReadTotalsAsync(NpgsqlConnection connection, Guid[] contentIds, CancellationToken cancellationToken) =>
        new(await connection.Command(SelectTotals, Value(contentIds)).QueryAsync(r => KeyValuePair.Create(r.GetGuid(0), r.GetInt64(1)), cancellationToken));

    /// <summary>Null, never an empty array, where no entry has one.</summary>
    public static NpgsqlParameter ReceiptsOf(JournalEntries entries) =>
        entries.Receipts.Length == 0 ? Null(NpgsqlDbType.Array | NpgsqlDbType.Uuid) : Value(entries.Receipts);

    /// <summary>Every title of the rows, those with nothing new in them too: the ledger's counters hold what they carried.</summary>
    private async Task<List<AppliedTitle>> TitlesAsync(
        NpgsqlConnection connection, Dictionary<Guid, long> journalled, CancellationToken cancellationToken)
    {
        var unchanged = journalled.Keys.Where(id => !Totals.ContainsKey(id)).ToArray();
        var totals = unchanged.Length == 0
            ? []
            : await ReadTotalsAsync(connection, unchanged, cancellationToken);
        return [.. journalled.Select(title => new AppliedTitle(
            title.Key, title.Value, Totals.TryGetValue(title.Key, out var total) ? total : totals.GetValueOrDefault(title.Key)))];
    }

    private const string InsertQuarantine = """
        INSERT INTO view_journal_quarantine (writer_id, batch_no, accepted_at, content_ids, counts, receipts, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """;

    private async Task SetAsideAsync(NpgsqlConnection connection, JournalRow row, BadEntries bad, CancellationToken cancellationToken)
    {
        var entries = row.Entries!.Pick([.. bad.Indexes]);
        await connection.Command(
                InsertQuarantine,
                Value(writerId), Value(row.Batch), Value(row.AcceptedAt), Value(entries.ContentIds), Value(entries.Counts),
                ReceiptsOf(entries), Value(bad.Reason))
            .ExecuteAsync(cancellationToken);
    }

    private static NpgsqlCommand Slow(NpgsqlCommand command)
    {
        command.CommandTimeout = TimeoutSeconds;
        return command;
    }
}
