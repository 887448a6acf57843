namespace Streaming.Ledger;

/// <summary>
/// The durable side of the view ledger: the journal by writer, the applied totals, the receipts. A writer is one
/// start of one silo.
/// </summary>
public interface IViewJournal
{
    /// <summary>Adds a writer, with nothing applied.</summary>
    Task OpenWriterAsync(string writerId, CancellationToken cancellationToken);

    /// <summary>All writers that were opened and not closed or taken over.</summary>
    Task<IReadOnlyList<string>> ListWritersAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Commits one batch to disk as one row, stamped with the database's clock. A (writer, batch) that is there already
    /// is left as it is, so a batch whose outcome is unknown is simply appended again.
    /// Synchronous on purpose: the ledger calls it on a thread of its own, one call at a time for a writer.
    /// </summary>
    /// <exception cref="StoreRefusedException">Nothing was written.</exception>
    /// <exception cref="WriterGoneException">The writer was taken over; nothing was written, and nothing of it ever will be.</exception>
    void Append(string writerId, long batch, JournalEntries entries);

    /// <summary>
    /// Applies the writer's oldest rows, up to <see cref="MaxRowsPerApply"/> and about <see cref="MaxEntriesPerApply"/> entries, in one transaction:
    /// a receipt counts in its earliest row only, each of its titles once, and no more when it was applied in the last 24 hours;
    /// counts go to the totals, and to the hour and day of their row. What cannot be read or added is set aside in
    /// <c>view_journal_quarantine</c>. Rows applied before change nothing.
    /// </summary>
    Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken);

    /// <summary>
    /// Applies what the journal still holds of a writer, and removes both: its own end, or its take-over when its silo is
    /// dead. An append in flight is waited for, and a later one throws <see cref="WriterGoneException"/>, so a silo that was
    /// only paused cannot acknowledge any more. Of several that do so at once one does the work; for a writer
    /// that is gone there is nothing to do.
    /// </summary>
    Task<AppliedViews> CloseWriterAsync(string writerId, CancellationToken cancellationToken);

    /// <summary>The applied view total of a title; 0 when it has none.</summary>
    Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>The applied totals of those of the titles that have one. At most <see cref="MaxTotalsPerRead"/> ids.</summary>
    Task<IReadOnlyDictionary<Guid, long>> GetTotalsAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken);

    /// <summary>
    /// Forgets receipts that are 24 hours older than now and than the oldest row in the journal, and hourly counts older
    /// than two days; a bounded number a call; returns how many.
    /// </summary>
    Task<int> ForgetOldAsync(CancellationToken cancellationToken);

    /// <summary>Rows of one apply step.</summary>
    const int MaxRowsPerApply = 20_000;

    /// <summary>Entries of one apply step, about.</summary>
    const int MaxEntriesPerApply = 400_000;

    /// <summary>Titles that one read of totals may name.</summary>
    const int MaxTotalsPerRead = 5_000;
}

/// <summary>The writer's silo was taken for dead and its journal taken over: what it appends now would never be counted.</summary>
public sealed class WriterGoneException(string writerId)
    : Exception($"The view journal's writer {writerId} was taken over by another silo. This silo must stop; what it acknowledged before is counted.");

/// <summary>The content of a batch. The first <see cref="ContentIds"/> have no receipt; the last ones, one each, have <see cref="Receipts"/>.</summary>
/// <param name="ContentIds">Without a receipt each title at most once.</param>
/// <param name="Counts">Parallel to the ids.</param>
/// <param name="Receipts">Of the last entries. Entries of one request share their receipt.</param>
public sealed record JournalEntries(Guid[] ContentIds, long[] Counts, Guid[] Receipts)
{
    /// <summary>What one entry can hold, many calls added up; a larger one is no entry.</summary>
    public const long MaxCount = 1L << 48;

    public int Unkeyed => ContentIds.Length - Receipts.Length;

    /// <summary>The entries at these indexes, which ascend.</summary>
    public JournalEntries Pick(int[] indexes) => new(
        [.. indexes.Select(i => ContentIds[i])],
        [.. indexes.Select(i => Counts[i])],
        [.. indexes.Where(i => i >= Unkeyed).Select(i => Receipts[i - Unkeyed])]);
}

/// <summary>One apply step.</summary>
/// <param name="Batches">Rows that this step took; 0 when the journal had none.</param>
/// <param name="Entries">Entries of those rows, unreadable ones included.</param>
/// <param name="Titles">Every title of those rows, with what the rows carried for it and its total now.</param>
/// <param name="Quarantined">Rows that were set aside, whole or in part.</param>
public sealed record AppliedViews(int Batches, long Entries, IReadOnlyList<AppliedTitle> Titles, int Quarantined)
{
    public static AppliedViews None { get; } = new(0, 0, [], 0);

    /// <summary>Whether the step took as much as one does, so that the journal had more.</summary>
    public bool MayHaveLeftSome => Batches >= IViewJournal.MaxRowsPerApply || Entries >= IViewJournal.MaxEntriesPerApply;

    /// <summary>This step and the next one together; a title of both comes twice, its newest total last.</summary>
    public AppliedViews Then(AppliedViews next) =>
        new(Batches + next.Batches, Entries + next.Entries, [.. Titles, .. next.Titles], Quarantined + next.Quarantined);
}

/// <param name="Journalled">What the rows carried, duplicates included.</param>
/// <param name="Total">The applied total after this step.</param>
public readonly record struct AppliedTitle(Guid ContentId, long Journalled, long Total);
