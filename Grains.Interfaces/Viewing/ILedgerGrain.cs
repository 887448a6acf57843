using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>What became of a journal batch.</summary>
public enum BatchOutcome
{
    /// <summary>It is on disk.</summary>
    Committed,

    /// <summary>It was refused; nothing of it was recorded.</summary>
    NotRecorded,

    /// <summary>Nobody can say yet, or any more.</summary>
    Unknown,
}

/// <summary>The ledger of one silo, which the key (a parsable silo address) names. It always lives on that silo.</summary>
[Alias("ledger")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <summary>Waits, a few seconds at most, until the outcome of a batch is known.</summary>
    [Alias("wait")]
    Task<BatchOutcome> WaitAsync(long batch);

    /// <summary>Tells that another silo has applied views of these titles, or, of none, that any title may have got some.</summary>
    [Alias("totals-moved")]
    Task TotalsMovedAsync(ImmutableArray<Guid> contentIds);
}
