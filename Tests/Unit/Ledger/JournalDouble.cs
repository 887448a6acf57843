using Streaming.Ledger;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

/// <summary>A double: a real journal whose appends a test can refuse or make lose their answer, and whose applies it can hold.</summary>
internal sealed class JournalDouble(IViewJournal journal) : IViewJournal
{
    private int appends;

    /// <summary>Runs before an append reaches the journal.</summary>
    public Action? BeforeAppend { get; set; }

    /// <summary>Runs when an append is in the journal and before its caller knows.</summary>
    public Action? AfterAppend { get; set; }

    /// <summary>Runs when an apply that took rows is committed and before its caller knows.</summary>
    public Func<Task>? AfterApply { get; set; }

    /// <summary>Answers for the journal what a title's total is.</summary>
    public Func<Task<long>>? OnGetTotal { get; set; }

    /// <summary>Runs before totals of several titles are read.</summary>
    public Action? BeforeGetTotals { get; set; }

    /// <summary>A silo of a test's own on such a journal.</summary>
    public static async Task<(SiloFixture Silo, JournalDouble Journal)> StartSiloAsync()
    {
        var stores = new EmbeddedFixture();
        await stores.OpenAsync();
        var journal = new JournalDouble(stores.Journal);
        return (await SiloFixture.StartAsync(stores, journal), journal);
    }

    public int Appends => Volatile.Read(ref appends);

    public void Append(string writerId, long batch, JournalEntries entries)
    {
        Interlocked.Increment(ref appends);
        BeforeAppend?.Invoke();
        journal.Append(writerId, batch, entries);
        AfterAppend?.Invoke();
    }

    public Task OpenWriterAsync(string writerId, CancellationToken cancellationToken) => journal.OpenWriterAsync(writerId, cancellationToken);

    public Task<IReadOnlyList<string>> ListWritersAsync(CancellationToken cancellationToken) => journal.ListWritersAsync(cancellationToken);

    public async Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken)
    {
        var step = await journal.ApplyAsync(writerId, cancellationToken);
        if (step.Batches > 0 && AfterApply is { } hold)
            await hold();

        return step;
    }

    public Task<AppliedViews> CloseWriterAsync(string writerId, CancellationToken cancellationToken) => journal.CloseWriterAsync(writerId, cancellationToken);

    public Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken) =>
        OnGetTotal is { } answer ? answer() : journal.GetTotalAsync(contentId, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> GetTotalsAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken)
    {
        BeforeGetTotals?.Invoke();
        return journal.GetTotalsAsync(contentIds, cancellationToken);
    }

    public Task<int> ForgetOldAsync(CancellationToken cancellationToken) => journal.ForgetOldAsync(cancellationToken);
}
