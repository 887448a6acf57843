using System.Collections.Immutable;
using Orleans.Concurrency;
using Streaming.Content;
using Streaming.Ledger;

namespace Streaming.Viewing;

/// <summary>Holds nothing but this silo's ledger; reentrant, since each call waits for a commit.</summary>
[StatelessWorker, Reentrant]
internal sealed class ViewBatchGrain(ViewLedger ledger, KnownTitles titles) : Grain, IViewBatchGrain
{
    public async Task<ViewBatchResult> RecordAsync(ViewBatchRequest request)
    {
        var unknown = await titles.FindUnknownAsync(request.ContentIds, CancellationToken.None);
        if (unknown.Count == 0)
            return ToResult(await ledger.RecordAsync(new ViewBatch(request.ContentIds, request.Counts, request.Receipts, request.Receipt)), rejected: [], kept: null);

        var kept = new List<int>(request.ContentIds.Length);
        var rejected = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < request.ContentIds.Length; i++)
        {
            if (unknown.Contains(request.ContentIds[i]))
                rejected.Add(i);
            else
                kept.Add(i);
        }

        return kept.Count == 0
            ? new ViewBatchResult(Busy: false, Outcome.Committed, rejected.ToImmutable(), [], KeyConflict: false)
            : ToResult(await ledger.RecordAsync(Select(request, kept)), rejected.ToImmutable(), kept);
    }

    private static ViewBatch Select(ViewBatchRequest request, List<int> kept) => new(
        [.. kept.Select(i => request.ContentIds[i])],
        [.. kept.Select(i => request.Counts[i])],
        request.Receipts is { } receipts ? [.. kept.Select(i => receipts[i])] : null,
        request.Receipt);

    /// <param name="kept">The index in the request of each entry that was recorded; null when all were.</param>
    private static ViewBatchResult ToResult(RecordedBatch recorded, ImmutableArray<int> rejected, List<int>? kept) => new(
        recorded.IsBusy, recorded.Outcome, rejected,
        kept is null ? recorded.KeyConflicts : [.. recorded.KeyConflicts.Select(index => kept[index])],
        recorded.IsKeyConflict);
}
