using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>Views in one call to a ledger. Parallel arrays, one element an entry; either all entries have a key or none has.</summary>
/// <param name="Counts">1 or more each.</param>
/// <param name="Receipts">Of the entries' keys (<see cref="Viewing.Receipts"/>); empty without keys.</param>
[GenerateSerializer, Immutable, Alias("ledger-views")]
public sealed record LedgerViews(
    [property: Id(0)] ImmutableArray<Guid> ContentIds,
    [property: Id(1)] ImmutableArray<long> Counts,
    [property: Id(2)] ImmutableArray<Guid> Receipts);

/// <summary>Where the views that a ledger took will be committed.</summary>
/// <param name="Busy">Nothing was taken: the ledger is full or its journal is away.</param>
/// <param name="Batch">The batch of every entry where <paramref name="Batches"/> does not say it.</param>
/// <param name="Batches">The same of each entry; null when all are alike. Of no meaning for the entries that the two lists name.</param>
/// <param name="Views">The live total of each entry's title with these views in it; 0 where it is not here.</param>
/// <param name="KeyConflicts">Indexes of entries whose key was used for this title with another count.</param>
/// <param name="Elsewhere">Indexes of entries whose title is not active on this silo; its grain knows where it is.</param>
/// <param name="Leaving">The silo is about to go, and no call to its ledger is of use any more.</param>
[GenerateSerializer, Immutable, Alias("ledger-ticket")]
public sealed record LedgerTicket(
    [property: Id(0)] bool Busy,
    [property: Id(1)] long Batch,
    [property: Id(2)] long[]? Batches,
    [property: Id(3)] long[] Views,
    [property: Id(4)] ImmutableArray<int> KeyConflicts,
    [property: Id(5)] ImmutableArray<int> Elsewhere,
    [property: Id(6)] bool Leaving = false)
{
    public static LedgerTicket Full { get; } = new(Busy: true, 0, null, [], [], []);
}
