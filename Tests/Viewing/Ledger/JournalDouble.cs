using Streaming.Viewing.Ledger;

namespace Streaming.Tests.Viewing.Ledger;

/// <summary>A double: a real journal whose appends a test can refuse or make lose their answer.</summary>
internal sealed class JournalDouble(IViewJournal journal) : IViewJournal
{
    private int appends;

    /// <summary>Runs before an append reaches the journal.</summary>
    public Action? BeforeAppend { get; set; }

    /// <summary>Runs when an append is in the journal and before its caller knows.</summary>
    public Action? AfterAppend { get; set; }

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

    public Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken) => journal.ApplyAsync(writerId, cancellationToken);

    public Task CloseWriterAsync(string writerId, CancellationToken cancellationToken) => journal.CloseWriterAsync(writerId, cancellationToken);

    public Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken) => journal.GetTotalAsync(contentId, cancellationToken);

    public Task<int> ForgetOldAsync(CancellationToken cancellationToken) => journal.ForgetOldAsync(cancellationToken);
}
