using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;
using Streaming.Ledger;

namespace Streaming.Viewing;

/// <summary>Holds nothing but this silo's ledger; reentrant, since callers wait for commits at the same time.</summary>
[Reentrant]
[KeySiloPlacement]
internal sealed class LedgerGrain(ViewLedger ledger) : Grain, ILedgerGrain
{
    public ValueTask<LedgerTicket> RecordAsync(LedgerViews views)
    {
        var recorded = ledger.Record(views.ContentIds, views.Counts, views.Receipts);
        if (recorded.IsBusy)
            return ValueTask.FromResult(LedgerTicket.Full);

        var first = recorded.Batches[0];
        return ValueTask.FromResult(new LedgerTicket(
            Busy: false, first, recorded.Batches.AsSpan().ContainsAnyExcept(first) ? recorded.Batches : null, recorded.Views, recorded.KeyConflicts,
            recorded.Elsewhere, Leaving: ledger.Left is not null));
    }

    public Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches) => ledger.WaitAsync(batches);

    public Task TotalsMovedAsync(ImmutableArray<Guid> contentIds)
    {
        ledger.TotalsMoved(contentIds);
        return Task.CompletedTask;
    }
}

/// <summary>Places a grain on the silo that its key names, and nowhere else.</summary>
[GenerateSerializer, Immutable, SuppressReferenceTracking, Alias("key-silo-placement")]
internal sealed class KeySiloPlacement : PlacementStrategy;

[AttributeUsage(AttributeTargets.Class)]
internal sealed class KeySiloPlacementAttribute() : PlacementAttribute(new KeySiloPlacement());

internal sealed class KeySiloPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var named = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(named)
            ? Task.FromResult(named)
            : throw new LedgerGoneException($"Silo {named} is gone, and its ledger's memory with it.");
    }
}
