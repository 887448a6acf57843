using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Streaming.Content;

namespace Streaming.Viewing;

/// <summary>Why views will not be recorded, however often they are sent.</summary>
public enum ViewRejection
{
    None,
    UnknownTitle,

    /// <summary>The key was used for this title with another count.</summary>
    KeyConflict,
}

/// <param name="Outcome">Only a keyed call is safe to repeat when it is unknown.</param>
/// <param name="Views">The title's live total; 0 unless committed.</param>
public readonly record struct RecordResult(Outcome Outcome, long Views = 0, ViewRejection Rejection = ViewRejection.None)
{
    public static readonly RecordResult UnknownTitle = new(Outcome.Refused, Rejection: ViewRejection.UnknownTitle);

    public static readonly RecordResult KeyConflict = new(Outcome.Refused, Rejection: ViewRejection.KeyConflict);
}

/// <summary>
/// The calling side of the view ledger. A title's grain is asked once where it lives; from then on its views go straight
/// to the ledger of that silo, together with those of its other titles, until the ledger says that it has moved.
/// </summary>
public sealed partial class ViewLedgerClient(IGrainFactory grains, GrainReferences<IContentGrain> titles, ILogger<ViewLedgerClient> logger)
{
    private const int MaxFailures = 3;
    private const int MaxPlaces = 200_000;

    private readonly ThrottledWarning failedCalls = new(TimeProvider.System, (count, latest) => LogCallsFailed(logger, count, latest));
    private readonly ThrottledWarning failedSearches = new(TimeProvider.System, (count, latest) => LogSearchesFailed(logger, count, latest));
    private readonly ConcurrentDictionary<Guid, ViewCoalescer> places = new();
    private readonly ConcurrentDictionary<string, ViewCoalescer> ledgers = new();
    private readonly ConcurrentDictionary<Guid, Task<(bool IsKnown, ViewCoalescer? Place)>> searches = new();

    /// <summary>Records <paramref name="count"/> views (1 to <see cref="ViewLimits.MaxCount"/>) and waits until they are on disk.</summary>
    /// <param name="receipt">Of the caller's idempotency key (<see cref="Receipts"/>); null to count every call.</param>
    public async ValueTask<RecordResult> RecordAsync(Guid contentId, int count, Guid? receipt)
    {
        // Once an attempt may have run, a later one that took nothing does not say that nothing was recorded.
        var failure = Outcome.Refused;
        var (failures, others) = (0, 0);
        while (true)
        {
            if (!places.TryGetValue(contentId, out var place))
            {
                (var isKnown, place) = await FindAsync(contentId);
                if (place is null)
                    return isKnown ? new RecordResult(failure) : RecordResult.UnknownTitle;
            }

            if (!place.TryJoin(contentId, count, receipt, out var call, out var index))
                return new RecordResult(failure);

            await call.Done;
            switch (call.Status(index))
            {
                case EntryStatus.Committed:
                    return new RecordResult(Outcome.Committed, call.Views(index));
                case EntryStatus.Refused:
                    return new RecordResult(failure);
                case EntryStatus.Unknown:
                    return new RecordResult(Outcome.Unknown);
                case EntryStatus.KeyConflict:
                    return RecordResult.KeyConflict;
                case EntryStatus.Elsewhere:
                    places.TryRemove(KeyValuePair.Create(contentId, place));
                    others++;
                    break;
                case EntryStatus.NeverRan:
                    Forget(contentId, place);
                    others++;
                    break;
                case EntryStatus.MayHaveRun:
                    Forget(contentId, place);
                    failures++;
                    failure = Outcome.Unknown;
                    break;
            }

            // A call is repeated only when nothing of it can have run, or when all of it is keyed: Orleans calls are at most
            // once and the outcome of a failed one is unknown.
            if (failures == MaxFailures || others == CallRetry.MaxAttempts || (failures > 0 && receipt is null))
                return new RecordResult(failure);

            await CallRetry.PauseAsync(failures + others);
        }
    }

    /// <summary>Where a title's views are recorded; no place when it is unknown now. Callers who ask for one title at the same time share the question.</summary>
    private Task<(bool IsKnown, ViewCoalescer? Place)> FindAsync(Guid contentId)
    {
        if (searches.TryGetValue(contentId, out var shared))
            return shared;

        var search = new TaskCompletionSource<(bool, ViewCoalescer?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        shared = searches.GetOrAdd(contentId, search.Task);
        if (shared == search.Task)
            Detached.Run(state => SearchAsync(state.contentId, state.search), (contentId, search));

        return shared;
    }

    private async Task SearchAsync(Guid contentId, TaskCompletionSource<(bool, ViewCoalescer?)> search)
    {
        (bool IsKnown, ViewCoalescer? Place) result = (true, null);
        try
        {
            var ledger = await CallRetry.AskAsync(titles.Get(contentId), static title => title.GetLedgerAsync());
            if (ledger is null)
            {
                result = (false, null);
                return;
            }

            result.Place = ledgers.GetOrAdd(ledger, key => new ViewCoalescer(grains.GetGrain<ILedgerGrain>(key), failedCalls.Report));
            if (places.Count >= MaxPlaces)
                places.Clear();

            places[contentId] = result.Place;
        }
        catch (Exception e)
        {
            failedSearches.Report(e);
        }
        finally
        {
            searches.TryRemove(contentId, out _);
            search.SetResult(result);
        }
    }

    /// <summary>A ledger that cannot be called may be gone with its silo: what it held is looked for anew.</summary>
    private void Forget(Guid contentId, ViewCoalescer place)
    {
        places.TryRemove(KeyValuePair.Create(contentId, place));
        foreach (var ledger in ledgers)
        {
            if (ledger.Value == place)
                ledgers.TryRemove(ledger);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} calls that record views failed, and whether they recorded any is unknown; this is the latest.")]
    private static partial void LogCallsFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Count} titles could not be asked where their views are recorded, and nothing was; this is the latest failure.")]
    private static partial void LogSearchesFailed(ILogger logger, int count, Exception exception);
}
