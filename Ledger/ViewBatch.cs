using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Streaming.Ledger;

/// <summary>Views of many titles in one request. Parallel arrays, one element an entry.</summary>
/// <param name="Counts">1 or more each.</param>
/// <param name="Receipts">Of the entries' keys; null when no entry has one, <see cref="Guid.Empty"/> where an entry has none.</param>
/// <param name="Receipt">Of the whole request's key; entries have none then.</param>
public sealed record ViewBatch(Guid[] ContentIds, int[] Counts, Guid[]? Receipts, Guid? Receipt)
{
    /// <summary>Views by title of the entries that have no key of their own.</summary>
    internal Dictionary<Guid, long> SumUnkeyed()
    {
        var sums = new Dictionary<Guid, long>();
        for (var i = 0; i < ContentIds.Length; i++)
        {
            if (Receipts is null || Receipts[i] == Guid.Empty)
                CollectionsMarshal.GetValueRefOrAddDefault(sums, ContentIds[i], out _) += Counts[i];
        }

        return sums;
    }
}

/// <summary>What became of a <see cref="ViewBatch"/>.</summary>
/// <param name="IsBusy">Nothing was recorded, the ledger is full or its journal is away.</param>
/// <param name="KeyConflicts">Indexes of entries whose key was used with another count, which count nothing.</param>
/// <param name="IsKeyConflict">The request's own key was used with another content.</param>
public readonly record struct RecordedBatch(bool IsBusy, Outcome Outcome, ImmutableArray<int> KeyConflicts, bool IsKeyConflict)
{
    internal static RecordedBatch Busy { get; } = new(IsBusy: true, Outcome.Refused, [], IsKeyConflict: false);
}

/// <summary>Where views that the ledger took will be committed.</summary>
/// <param name="IsBusy">Nothing was taken: the ledger is full or its journal is away.</param>
/// <param name="Batches">The batch of each entry to wait for; of no meaning for entries in the two lists that follow.</param>
/// <param name="KeyConflicts">Indexes of entries whose key was used for this title with another count.</param>
/// <param name="Elsewhere">Indexes of entries whose title is not active in this process.</param>
/// <param name="Views">The live total of each entry's title with these views in it; 0 where it is not here.</param>
public readonly record struct RecordedViews(
    bool IsBusy, long[] Batches, ImmutableArray<int> KeyConflicts, ImmutableArray<int> Elsewhere, long[] Views)
{
    internal static RecordedViews Busy { get; } = new(IsBusy: true, [], [], [], []);
}
