using System.Collections.Concurrent;

namespace Streaming.Ledger;

/// <summary>
/// Reads totals again that other silos may have moved: of a title that has just become active here, since the silo that
/// had it may have died with views journalled and not applied; of titles that another silo tells of; of all after a
/// change of the membership, and now and then, in case a notification was lost. Alone in the cluster it does nothing.
/// </summary>
internal sealed class TotalsRefresh(IViewJournal journal, ViewCounters counters, ILedgerCluster cluster, TimeProvider time)
{
    private const int MaxReadsPerRound = 4;

    /// <summary>By then a silo that died is taken over, as a rule; where not, the sweep that does it refreshes everything.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan EverythingInterval = TimeSpan.FromMinutes(1);

    // Titles that have a counter, each at most once or twice: bounded by what is active.
    private readonly ConcurrentQueue<(Guid ContentId, long At)> activated = new();
    private readonly ConcurrentDictionary<Guid, bool> due = new();
    private volatile bool everything;
    private long everythingAt = time.GetTimestamp();

    public void Activated(Guid contentId)
    {
        if (!cluster.IsAlone)
            activated.Enqueue((contentId, time.GetTimestamp()));
    }

    public void Moved(Guid contentId)
    {
        if (counters.Contains(contentId))
            due.TryAdd(contentId, true);
    }

    public void Everything() => everything = true;

    /// <summary>Reads some of what is due; the rest waits for the next round.</summary>
    public async Task ReadDueAsync(CancellationToken cancellationToken)
    {
        Collect();
        for (var reads = 0; reads < MaxReadsPerRound && !due.IsEmpty; reads++)
        {
            var ids = due.Select(title => title.Key).Take(IViewJournal.MaxTotalsPerRead).ToArray();
            var totals = await journal.GetTotalsAsync(ids, cancellationToken);
            foreach (var id in ids)
            {
                due.TryRemove(id, out _);
                if (totals.TryGetValue(id, out var total))
                    counters.Apply(new AppliedTitle(id, Journalled: 0, total));
            }
        }
    }

    private void Collect()
    {
        while (activated.TryPeek(out var next) && time.GetElapsedTime(next.At) > SettleTime)
        {
            activated.TryDequeue(out _);
            Moved(next.ContentId);
        }

        if (!everything && time.GetElapsedTime(everythingAt) < EverythingInterval)
            return;

        everything = false;
        everythingAt = time.GetTimestamp();
        if (cluster.IsAlone)
            return;

        foreach (var id in counters.Titles)
            due.TryAdd(id, true);
    }
}
