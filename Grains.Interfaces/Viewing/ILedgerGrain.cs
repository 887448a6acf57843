using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>
/// The ledger of one silo, which the key (a parsable silo address) names. It always lives on that silo. Use
/// <c>ViewLedgerClient</c>, which finds the ledger of a title and repeats what may be repeated.
/// </summary>
[Alias("ledger")]
public interface ILedgerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes views of titles that are active on this silo. The ticket comes back at once; the views are acknowledged only
    /// when their batch is committed.
    /// </summary>
    [Alias("record")]
    ValueTask<LedgerTicket> RecordAsync(LedgerViews views);

    /// <summary>Waits, a few seconds at most, until the outcomes of batches are known.</summary>
    [Alias("wait")]
    Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches);

    /// <summary>Tells that another silo has applied views of these titles, or, of none, that any title may have got some.</summary>
    [Alias("totals-moved")]
    Task TotalsMovedAsync(ImmutableArray<Guid> contentIds);
}
