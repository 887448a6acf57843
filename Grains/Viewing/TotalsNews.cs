using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Streaming.Viewing.Ledger;

/// <summary>
/// Tells the other silos which titles' totals this silo has moved though the titles are not active here, as after a batch
/// request; one of the others shows them. A word that is lost is made up for by <see cref="TotalsRefresh"/>.
/// </summary>
internal sealed partial class TotalsNews(
    IGrainFactory grains, IClusterMembershipService membership, ILocalSiloDetails self, ILogger logger)
{
    /// <summary>More than so many titles are told as "any".</summary>
    private const int MaxTitles = 10_000;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private Task telling = Task.CompletedTask;
    private bool missed;

    /// <summary>Not awaited, one at a time: while the others have not answered, the next word is that any title may have moved.</summary>
    public void Tell(List<Guid> contentIds)
    {
        if (contentIds.Count == 0 && !missed)
            return;

        var others = membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self.SiloAddress))
            .Select(member => member.SiloAddress)
            .ToList();
        if (others.Count == 0)
            return;

        if (!telling.IsCompleted)
        {
            missed = true;
            return;
        }

        ImmutableArray<Guid> told = missed || contentIds.Count > MaxTitles ? [] : [.. contentIds];
        missed = false;
        telling = TellAsync(others, told);
    }

    private async Task TellAsync(List<SiloAddress> others, ImmutableArray<Guid> contentIds)
    {
        try
        {
            await Task.WhenAll(others.Select(silo => grains.GetGrain<ILedgerGrain>(silo.ToParsableString()).TotalsMovedAsync(contentIds)))
                .WaitAsync(MaxWait);
        }
        catch (Exception e)
        {
            LogNotTold(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Not every silo could be told which totals moved; they read all of them once a minute.")]
    private static partial void LogNotTold(ILogger logger, Exception exception);
}
