using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>
/// Takes view batches for many titles straight into the ledger of the silo it runs on. A stateless worker; its key is
/// <see cref="ViewBatchRequest.GrainKey"/>.
/// </summary>
[Alias("view-intake")]
public interface IViewBatchGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Records the entries of known titles and completes when they are committed. With a receipt the whole batch
    /// counts once, however often it is sent; entries with a receipt of their own count once each.
    /// </summary>
    [Alias("record")]
    Task<ViewBatchResult> RecordAsync(ViewBatchRequest request);
}

/// <summary>Parallel arrays, one element an entry: they cross the wire as blocks.</summary>
/// <param name="Counts">1 to <see cref="ViewLimits.MaxCount"/> each; the caller has checked them.</param>
/// <param name="Receipts">Null when no entry has a key; otherwise <see cref="Guid.Empty"/> where an entry has none.</param>
/// <param name="Receipt">The key of the whole request; entries have none then.</param>
[GenerateSerializer, Immutable, Alias("view-batch-request")]
public sealed record ViewBatchRequest(
    [property: Id(0)] Guid[] ContentIds,
    [property: Id(1)] int[] Counts,
    [property: Id(2)] Guid[]? Receipts,
    [property: Id(3)] Guid? Receipt)
{
    private const int GrainKeys = 64;

    /// <summary>
    /// One of several grains, over which a client spreads its requests: any for a batch without keys, and for a repeated
    /// one the same, whose silo remembers its keys.
    /// </summary>
    public int GrainKey
    {
        get
        {
            var key = Receipt ?? Receipts?.FirstOrDefault(receipt => receipt != Guid.Empty) ?? Guid.Empty;
            return key == Guid.Empty ? Random.Shared.Next(GrainKeys) : key.ToByteArray()[0] % GrainKeys;
        }
    }
}

/// <param name="Busy">Nothing was recorded, the ledger is full or its journal is away.</param>
/// <param name="Outcome">What became of the entries that were not rejected.</param>
/// <param name="UnknownTitles">Indexes of entries whose title the catalogue does not hold.</param>
/// <param name="KeyConflicts">Indexes of entries whose key was used with another count.</param>
/// <param name="KeyConflict">The key of the request was used with another content.</param>
[GenerateSerializer, Immutable, Alias("view-batch-result")]
public sealed record ViewBatchResult(
    [property: Id(0)] bool Busy,
    [property: Id(1)] Outcome Outcome,
    [property: Id(2)] ImmutableArray<int> UnknownTitles,
    [property: Id(3)] ImmutableArray<int> KeyConflicts,
    [property: Id(4)] bool KeyConflict);
