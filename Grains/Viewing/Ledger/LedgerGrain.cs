using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Streaming.Viewing.Ledger;

/// <summary>Lets callers elsewhere wait for this silo's batches. Reentrant: all of them wait at the same time, and nothing is changed.</summary>
[Reentrant]
[KeySiloPlacement]
internal sealed class LedgerGrain(ViewLedger ledger) : Grain, ILedgerGrain
{
    public Task<BatchOutcome> WaitAsync(long batch) => ledger.WaitAsync(batch);

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
            : throw new SiloUnavailableException($"Silo {named} is gone, and its ledger's memory with it.");
    }
}
