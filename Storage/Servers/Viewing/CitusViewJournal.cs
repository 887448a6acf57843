using System.Collections.Concurrent;
using Npgsql;
using Streaming.Ledger;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// The journal by writer. An append is a write to one shard; an apply changes many (<see cref="CitusViewTotals"/>), and
/// its two-phase commit costs the same for ten titles and for thousands.
/// </summary>
internal sealed class CitusViewJournal(ServerConnections connections, RedisCopies copies) : IViewJournal, IDisposable
{
    private const string Store = JournalAppender.Store;
    private const int MaxAttempts = 8;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // By writer that was opened here, the step whose commit was sent and not answered: its ledger must learn of it, too.
    private readonly ConcurrentDictionary<string, UnansweredStep?> unanswered = new();
    private readonly JournalAppender appender = new(connections);

    private const string InsertWriter = "INSERT INTO ledger_writers (writer_id) VALUES ($1) ON CONFLICT DO NOTHING";

    public Task OpenWriterAsync(string writerId, CancellationToken cancellationToken)
    {
        unanswered[writerId] = null;
        return PostgresErrors.WriteAsync(Store, () => connections.Metadata.Command(InsertWriter, Value(writerId)).ExecuteAsync(cancellationToken));
    }

    private const string SelectWriters = "SELECT writer_id FROM ledger_writers";

    public async Task<IReadOnlyList<string>> ListWritersAsync(CancellationToken cancellationToken) =>
        await PostgresErrors.ReadAsync(Store, cancel => connections.Metadata.Command(SelectWriters).QueryAsync(r => r.GetString(0), cancel), cancellationToken);

    public void Append(string writerId, long batch, JournalEntries entries) => appender.Append(writerId, batch, entries);

    private const string SelectRows = """
        SELECT w.applied_batch, j.batch_no, j.accepted_at, j.content_ids, j.counts, j.receipts
        FROM ledger_writers w JOIN view_journal j ON j.writer_id = w.writer_id
        WHERE w.writer_id = $1 AND j.writer_id = $1 AND j.batch_no > w.applied_batch ORDER BY j.batch_no LIMIT $2
        """;

    public async Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken)
    {
        if (unanswered.TryGetValue(writerId, out var sent) && sent is not null)
            return await PostgresErrors.WriteAsync(Store, () => RepeatAsync(sent, cancellationToken));

        var (applied, rows) = await PostgresErrors.ReadAsync(Store, async cancel =>
        {
            await using var connection = await connections.Metadata.OpenConnectionAsync(cancel);
            return await ReadRowsAsync(connection, writerId, cancel);
        }, cancellationToken);
        return rows.Count == 0 ? AppliedViews.None : await PostgresErrors.WriteAsync(Store, () => ApplyAsync(writerId, applied, rows, cancellationToken));
    }

    private static async Task<(long Applied, List<JournalRow> Rows)> ReadRowsAsync(
        NpgsqlConnection connection, string writerId, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(SelectRows, Value(writerId), Value(IViewJournal.MaxRowsPerApply));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (applied, rows) = (0L, new List<JournalRow>());
        for (var entries = 0; entries < IViewJournal.MaxEntriesPerApply && await reader.ReadAsync(cancellationToken); entries += rows[^1].Size)
        {
            applied = reader.GetInt64(0);
            var content = new JournalEntries(
                reader.GetFieldValue<Guid[]>(3), reader.GetFieldValue<long[]>(4), reader.IsDBNull(5) ? [] : reader.GetFieldValue<Guid[]>(5));
            rows.Add(new JournalRow(reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), content, "", content.ContentIds.Length));
        }

        return (applied, rows);
    }

    /// <summary>
    /// Rows that cannot be added for their content are looked for by halves, the first half first; what follows comes
    /// with the next step. Of a single one the good entries are applied, and the bad ones set aside.
    /// </summary>
    private async Task<AppliedViews> ApplyAsync(string writerId, long applied, List<JournalRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            return await CommitAsync(new CitusViewTotals(writerId, applied, rows), cancellationToken);
        }
        catch (PostgresException e) when (PostgresErrors.IsDataError(e))
        {
            if (rows.Count > 1)
                return await ApplyAsync(writerId, applied, rows[..(rows.Count / 2)], cancellationToken);

            var bad = new SortedSet<int>();
            await FindBadAsync(writerId, applied, rows[0], [.. Enumerable.Range(0, rows[0].Size)], bad, cancellationToken);
            try
            {
                return await CommitAsync(new CitusViewTotals(writerId, applied, rows, new BadEntries(bad, e.MessageText)), cancellationToken);
            }
            catch (PostgresException together) when (PostgresErrors.IsDataError(together))
            {
                // Each entry could be added, and all of them cannot.
                bad.UnionWith(Enumerable.Range(0, rows[0].Size));
                return await CommitAsync(new CitusViewTotals(writerId, applied, rows, new BadEntries(bad, together.MessageText)), cancellationToken);
            }
        }
    }

    private async Task FindBadAsync(
        string writerId, long applied, JournalRow row, int[] entries, SortedSet<int> bad, CancellationToken cancellationToken)
    {
        try
        {
            var part = row with { Entries = row.Entries!.Pick(entries) };
            await RetryAsync(
                async connection =>
                {
                    await new CitusViewTotals(writerId, applied, [part]).ExecuteAsync(connection, cancellationToken);
                    return (AppliedViews?)null;
                },
                cancellationToken);
        }
        catch (PostgresException e) when (PostgresErrors.IsDataError(e))
        {
            if (entries.Length == 1)
            {
                bad.Add(entries[0]);
                return;
            }

            await FindBadAsync(writerId, applied, row, entries[..(entries.Length / 2)], bad, cancellationToken);
            await FindBadAsync(writerId, applied, row, entries[(entries.Length / 2)..], bad, cancellationToken);
        }
    }

    private async Task<AppliedViews> CommitAsync(CitusViewTotals update, CancellationToken cancellationToken)
    {
        AppliedViews? step = null;
        try
        {
            await RetryAsync(
                async connection =>
                {
                    step = null;
                    return step = await update.ExecuteAsync(connection, cancellationToken);
                },
                cancellationToken);
        }
        catch when (step is not null)
        {
            Remember(update.WriterId, new UnansweredStep(update, step));
            throw;
        }

        if (step is null)
            return AppliedViews.None;

        Remember(update.WriterId, null);
        copies.Raise(update);
        return step;
    }

    private void Remember(string writerId, UnansweredStep? sent)
    {
        if (unanswered.ContainsKey(writerId))
            unanswered[writerId] = sent;
    }

    private const string SelectWatermark = "SELECT applied_batch FROM ledger_writers WHERE writer_id = $1";

    /// <summary>
    /// Where the watermark has moved, the step was committed. Otherwise it is made again, as it was: the watermark waits for a
    /// commit that is still under way, and lets only one of the two through.
    /// </summary>
    private async Task<AppliedViews> RepeatAsync(UnansweredStep sent, CancellationToken cancellationToken)
    {
        var (update, step) = sent;
        var watermark = await connections.Metadata.Command(SelectWatermark, Value(update.WriterId)).QueryAsync(r => r.GetInt64(0), cancellationToken);
        if (watermark is [var applied] && applied < update.Last)
        {
            try
            {
                return await CommitAsync(update, cancellationToken);
            }
            catch (PostgresException e) when (PostgresErrors.IsDataError(e))
            {
                // It was not committed; the next call looks for the entry that is to blame now.
                Remember(update.WriterId, null);
                return AppliedViews.None;
            }
        }

        Remember(update.WriterId, null);
        copies.Raise(update);
        return step;
    }

    private const string LockWriter = "SELECT applied_batch FROM ledger_writers WHERE writer_id = $1 FOR UPDATE";
    private const string DeleteRows = "DELETE FROM view_journal WHERE writer_id = $1";
    private const string DeleteWriter = "DELETE FROM ledger_writers WHERE writer_id = $1";

    public Task<AppliedViews> CloseWriterAsync(string writerId, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        var before = AppliedViews.None;
        for (var attempt = 1; ; attempt++)
        {
            var updates = new List<CitusViewTotals>();
            try
            {
                var rest = await RetryAsync(
                    connection =>
                    {
                        updates.Clear();
                        return CloseAsync(connection, writerId, updates, cancellationToken);
                    },
                    cancellationToken);
                unanswered.TryRemove(writerId, out _);
                updates.ForEach(copies.Raise);
                return before.Then(rest ?? AppliedViews.None);
            }
            catch (PostgresException e) when (PostgresErrors.IsDataError(e) && attempt < MaxAttempts)
            {
                // Setting aside takes transactions of its own.
                while (await ApplyAsync(writerId, cancellationToken) is { Batches: > 0 } step)
                    before = before.Then(step);
            }
        }
    });

    private static async Task<AppliedViews?> CloseAsync(
        NpgsqlConnection connection, string writerId, List<CitusViewTotals> updates, CancellationToken cancellationToken)
    {
        // Waits for an append in flight, and for whoever takes the writer over at the same time.
        if ((await connection.Command(LockWriter, Value(writerId)).QueryAsync(r => r.GetInt64(0), cancellationToken)).Count == 0)
            return null;

        var rest = AppliedViews.None;
        while (await ReadRowsAsync(connection, writerId, cancellationToken) is { Rows: { Count: > 0 } rows } read)
        {
            updates.Add(new CitusViewTotals(writerId, read.Applied, rows));
            if (await updates[^1].ExecuteAsync(connection, cancellationToken) is { } step)
                rest = rest.Then(step);
        }

        await connection.Command(DeleteRows, Value(writerId)).ExecuteAsync(cancellationToken);
        await connection.Command(DeleteWriter, Value(writerId)).ExecuteAsync(cancellationToken);
        return rest;
    }

    public async Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken) =>
        (await GetTotalsAsync([contentId], cancellationToken)).GetValueOrDefault(contentId);

    public async Task<IReadOnlyDictionary<Guid, long>> GetTotalsAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) =>
        await PostgresErrors.ReadAsync(Store, async cancel =>
        {
            await using var connection = await connections.Metadata.OpenConnectionAsync(cancel);
            return await CitusViewTotals.ReadTotalsAsync(connection, [.. contentIds], cancel);
        }, cancellationToken);

    public Task<int> ForgetOldAsync(CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var connection = await connections.Metadata.OpenConnectionAsync(cancellationToken);
        return await ExpiredViews.ForgetAsync(connection, cancellationToken);
    });

    public void Dispose() => appender.Dispose();

    /// <summary>
    /// Runs a transaction and commits it when it has an answer. Silos apply the same titles at the same time, so a
    /// deadlock or a lock that did not come in time is run again, after a random pause.
    /// </summary>
    private async Task<AppliedViews?> RetryAsync(Func<NpgsqlConnection, Task<AppliedViews?>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await connections.Metadata.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var answer = await work(connection);
                if (answer is not null)
                    await transaction.CommitAsync(cancellationToken);

                return answer;
            }
            catch (PostgresException e) when (PostgresErrors.IsContention(e) && attempt < MaxAttempts)
            {
                await Task.Delay(RetryDelay * (attempt * (0.5 + Random.Shared.NextDouble())), cancellationToken);
            }
        }
    }

    private sealed record UnansweredStep(CitusViewTotals Update, AppliedViews Step);
}
