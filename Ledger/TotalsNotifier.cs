using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Streaming.Ledger;

/// <summary>
/// Tells the other members which titles' totals this one has moved though the titles are not active here, as after a batch
/// request; one of the others shows them. A notification that is lost is made up for by <see cref="TotalsRefresh"/>.
/// </summary>
internal sealed partial class TotalsNotifier(ILedgerCluster cluster, ILogger logger)
{
    /// <summary>More than so many titles are told as "any".</summary>
    private const int MaxTitles = 10_000;

    private Task notifying = Task.CompletedTask;
    private bool missed;

    /// <summary>Not awaited, one at a time: while the others have not answered, the next notification is that any title may have moved.</summary>
    public void Notify(List<Guid> contentIds)
    {
        if ((contentIds.Count == 0 && !missed) || cluster.IsAlone)
            return;

        if (!notifying.IsCompleted)
        {
            missed = true;
            return;
        }

        ImmutableArray<Guid> moved = missed || contentIds.Count > MaxTitles ? [] : [.. contentIds];
        missed = false;
        notifying = NotifyAsync(moved);
    }

    private async Task NotifyAsync(ImmutableArray<Guid> contentIds)
    {
        try
        {
            await cluster.TotalsMovedAsync(contentIds);
        }
        catch (Exception e)
        {
            LogNotNotified(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Not every silo could be told which totals moved; they read all of them once a minute.")]
    private static partial void LogNotNotified(ILogger logger, Exception exception);
}
