using Microsoft.Data.Sqlite;
using Streaming.Ledger;

namespace Streaming.Storage.Embedded;

/// <summary>
/// The journal in its own file; totals, receipts and the watermark (<c>applied_batch</c>) in the catalogue's. An apply
/// commits there first; its rows leave the journal afterwards, and the watermark stops a second apply in between.
/// </summary>
internal sealed class SqliteViewJournal(EmbeddedDatabase database, TimeProvider time) : IViewJournal
{
    private const int RowsPerTrim = 256;
    private const int ForgottenPerCall = 5_000;
    private static readonly TimeSpan ReceiptLifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan HourlyLifetime = TimeSpan.FromDays(2);

    // Of the writer that was opened last, the one that appends: up to where rows are applied, and up to where they are
    // gone from the journal. Rows of other writers leave when they are closed.
    private string? appender;
    private long appliedBatch;
    private long trimmedBatch;

    public Task OpenWriterAsync(string writerId, CancellationToken cancellationToken)
    {
        appender = writerId;
        Volatile.Write(ref appliedBatch, 0);
        trimmedBatch = 0;
        return database.Metadata.WriteAsync(connection => OpenWriter(connection, writerId), cancellationToken);
    }

    private const string InsertWriter = """
        INSERT INTO ledger_writers (writer_id, started_at) VALUES ($writer, $now) ON CONFLICT DO NOTHING
        """;

    private int OpenWriter(SqliteConnection connection, string writerId) =>
        connection.Execute(InsertWriter, ("$writer", writerId), ("$now", time.GetUtcNow().ToUnixTimeMilliseconds()));

    private const string SelectWriters = "SELECT writer_id FROM ledger_writers";
    private const string SelectJournalWriters = "SELECT DISTINCT writer_id FROM view_journal";

    public async Task<IReadOnlyList<string>> ListWritersAsync(CancellationToken cancellationToken)
    {
        // Rows without their writer can only come from a catalogue file that was replaced; their views still count.
        var open = await database.Metadata.ReadAsync(c => c.Query(r => r.GetString(0), SelectWriters), cancellationToken);
        var journalled = await database.Journal.ReadAsync(c => c.Query(r => r.GetString(0), SelectJournalWriters), cancellationToken);
        return [.. open.Union(journalled)];
    }

    private const string InsertRow = """
        INSERT INTO view_journal (writer_id, batch_no, accepted_at, content_ids, counts, receipts)
        VALUES ($writer, $batch, $now, $ids, $counts, $receipts) ON CONFLICT DO NOTHING
        """;

    public void Append(string writerId, long batch, JournalEntries entries)
    {
        var ids = JournalBlobs.FromIds(entries.ContentIds);
        var counts = JournalBlobs.FromCounts(entries.Counts);
        var receipts = entries.Receipts.Length == 0 ? null : JournalBlobs.FromIds(entries.Receipts);
        trimmedBatch = database.Journal.Write(connection =>
        {
            connection.Execute(
                InsertRow,
                ("$writer", writerId), ("$batch", batch), ("$now", time.GetUtcNow().ToUnixTimeMilliseconds()),
                ("$ids", ids), ("$counts", counts), ("$receipts", receipts));
            return writerId == appender ? Trim(connection, writerId) : trimmedBatch;
        });
    }

    private const string DeleteRows = "DELETE FROM view_journal WHERE writer_id = $writer AND batch_no <= $last";

    /// <summary>
    /// Lets applied rows go along with an append: a commit of their own would hold appends up. Many at once, since
    /// rows side by side share their pages, which one by one would be written again and again.
    /// </summary>
    private long Trim(SqliteConnection connection, string writerId)
    {
        if (Volatile.Read(ref appliedBatch) - trimmedBatch < RowsPerTrim)
            return trimmedBatch;

        var last = trimmedBatch + RowsPerTrim;
        connection.Execute(DeleteRows, ("$writer", writerId), ("$last", last));
        return last;
    }

    public async Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken)
    {
        var applied = await database.Metadata.ReadAsync(c => GetApplied(c, writerId), cancellationToken);
        var rows = await database.Journal.ReadAsync(c => ReadRows(c, writerId, applied ?? 0), cancellationToken);
        if (rows.Count == 0)
            return AppliedViews.None;

        var unreadable = rows.Where(row => row.Entries is null).ToList();
        if (unreadable.Count > 0)
            await database.Journal.WriteAsync(c => Quarantine(c, writerId, unreadable), cancellationToken);

        var step = await database.Metadata.WriteAsync(
            connection =>
            {
                // Rows without their writer get one. A writer that was there and is gone has been closed meanwhile, with its rows applied.
                if (applied is null)
                    OpenWriter(connection, writerId);

                return SqliteViewTotals.Apply(connection, writerId, applied ?? 0, rows);
            },
            cancellationToken);
        // Only a step that moved the watermark knows where it stands.
        if (step.Batches > 0 && writerId == appender)
            Volatile.Write(ref appliedBatch, rows[^1].Batch);

        return step with { Quarantined = unreadable.Count };
    }

    /// <summary>Null for a writer that is not there.</summary>
    private static long? GetApplied(SqliteConnection connection, string writerId) =>
        connection.Scalar("SELECT applied_batch FROM ledger_writers WHERE writer_id = $writer", ("$writer", writerId));

    private const string SelectRows = """
        SELECT batch_no, accepted_at, content_ids, counts, receipts FROM view_journal
        WHERE writer_id = $writer AND batch_no > $applied ORDER BY batch_no LIMIT $limit
        """;

    private static List<JournalRow> ReadRows(SqliteConnection connection, string writerId, long applied)
    {
        using var command = connection.Command(SelectRows, ("$writer", writerId), ("$applied", applied), ("$limit", IViewJournal.MaxRowsPerApply));
        using var reader = command.ExecuteReader();
        var rows = new List<JournalRow>();
        for (var entries = 0; entries < IViewJournal.MaxEntriesPerApply && reader.Read(); entries += rows[^1].Size)
        {
            var receipts = reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4);
            var read = JournalBlobs.Read(reader.GetFieldValue<byte[]>(2), reader.GetFieldValue<byte[]>(3), receipts, out var reason);
            rows.Add(new JournalRow(reader.GetInt64(0), reader.GetMoment(1), read, reason, (int)reader.GetBytes(2, 0, null, 0, 0) / 16));
        }

        return rows;
    }

    private const string QuarantineRow = """
        INSERT INTO view_journal_quarantine
        SELECT writer_id, batch_no, accepted_at, content_ids, counts, receipts, $reason, $now
        FROM view_journal WHERE writer_id = $writer AND batch_no = $batch ON CONFLICT DO NOTHING
        """;

    private int Quarantine(SqliteConnection connection, string writerId, List<JournalRow> rows)
    {
        foreach (var row in rows)
        {
            connection.Execute(
                QuarantineRow,
                ("$writer", writerId), ("$batch", row.Batch), ("$reason", row.Reason), ("$now", time.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        return rows.Count;
    }

    public async Task<AppliedViews> CloseWriterAsync(string writerId, CancellationToken cancellationToken)
    {
        var rest = AppliedViews.None;
        while (await ApplyAsync(writerId, cancellationToken) is { Batches: > 0 } step)
            rest = rest.Then(step);

        // The rows first: without its watermark a row would be applied again.
        var applied = await database.Metadata.ReadAsync(c => GetApplied(c, writerId), cancellationToken);
        await database.Journal.WriteAsync(c => c.Execute(DeleteRows, ("$writer", writerId), ("$last", applied ?? 0)), cancellationToken);
        await database.Metadata.WriteAsync(
            c => c.Execute("DELETE FROM ledger_writers WHERE writer_id = $writer", ("$writer", writerId)), cancellationToken);
        return rest;
    }

    public Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken) =>
        database.Metadata.ReadAsync(c => SqliteViewTotals.Get(c, contentId), cancellationToken);

    private const string SelectTotals = """
        SELECT content_id, views FROM content_views WHERE content_id IN (SELECT unhex(value) FROM json_each($ids))
        """;

    public async Task<IReadOnlyDictionary<Guid, long>> GetTotalsAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken)
    {
        var totals = await database.Metadata.ReadAsync(
            c => c.Query(r => KeyValuePair.Create(r.GetId(0), r.GetInt64(1)), SelectTotals, ("$ids", contentIds.ToJsonArray())), cancellationToken);
        return new Dictionary<Guid, long>(totals);
    }

    private const string SelectOldest = """
        SELECT min((SELECT accepted_at FROM view_journal WHERE writer_id = w.writer_id ORDER BY batch_no LIMIT 1))
        FROM (SELECT DISTINCT writer_id FROM view_journal) w
        """;

    private const string DeleteReceipts = """
        DELETE FROM view_receipts WHERE receipt IN (SELECT receipt FROM view_receipts WHERE accepted_at < $before LIMIT $limit)
        """;

    private const string DeleteHours = """
        DELETE FROM trending_hourly WHERE (hour, content_id) IN
            (SELECT hour, content_id FROM trending_hourly WHERE hour < $before LIMIT $limit)
        """;

    public async Task<int> ForgetOldAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        // What is left of a trim would keep receipts alive while nothing is appended.
        if (appender is { } writer)
            await database.Journal.WriteAsync(c => c.Execute(DeleteRows, ("$writer", writer), ("$last", Volatile.Read(ref appliedBatch))), cancellationToken);

        var oldest = await database.Journal.ReadAsync(c => c.Scalar(SelectOldest), cancellationToken);
        // A row that waits may repeat a key of the 24 hours before it.
        var before = Math.Min(oldest ?? long.MaxValue, now.ToUnixTimeMilliseconds()) - (long)ReceiptLifetime.TotalMilliseconds;
        return await database.Metadata.WriteAsync(
            c => c.Execute(DeleteReceipts, ("$before", before), ("$limit", ForgottenPerCall))
                + c.Execute(DeleteHours, ("$before", ViewSums.HourOf(now - HourlyLifetime)), ("$limit", ForgottenPerCall)),
            cancellationToken);
    }
}
