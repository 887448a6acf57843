using System.Collections.Immutable;
using Orleans.Concurrency;
using Streaming.Content;
using Streaming.Viewing.Ledger;

namespace Streaming.Viewing;

/// <summary>Holds nothing but this silo's ledger; reentrant, since each call waits for a commit.</summary>
[StatelessWorker, Reentrant]
internal sealed class ViewIntakeGrain(ViewLedger ledger, KnownTitles titles) : Grain, IViewIntakeGrain
{
    public async Task<ViewBatchResult> RecordAsync(ViewBatchRequest request)
    {
        var unknown = await titles.FindUnknownAsync(request.ContentIds, CancellationToken.None);
        if (unknown.Count == 0)
            return await ledger.RecordAsync(request);

        var kept = new List<int>(request.ContentIds.Length);
        var rejected = ImmutableArray.CreateBuilder<int>();
        for (var i = 0; i < request.ContentIds.Length; i++)
        {
            if (unknown.Contains(request.ContentIds[i]))
                rejected.Add(i);
            else
                kept.Add(i);
        }

        if (kept.Count == 0)
            return new ViewBatchResult(Busy: false, BatchOutcome.Committed, rejected.ToImmutable(), []);

        var result = await ledger.RecordAsync(Select(request, kept));
        return result with
        {
            UnknownTitles = rejected.ToImmutable(),
            KeyConflicts = [.. result.KeyConflicts.Select(index => index < 0 ? index : kept[index])],
        };
    }

    private static ViewBatchRequest Select(ViewBatchRequest request, List<int> kept) => request with
    {
        ContentIds = [.. kept.Select(i => request.ContentIds[i])],
        Counts = [.. kept.Select(i => request.Counts[i])],
        Receipts = request.Receipts is { } receipts ? [.. kept.Select(i => receipts[i])] : null,
    };
}
