using System.Collections.Concurrent;

namespace Streaming.Viewing.Ledger;

/// <summary>The counters of the titles that are active on this silo or have views that are not applied yet.</summary>
internal sealed class ViewCounters
{
    private readonly ConcurrentDictionary<Guid, ViewCounter> counters = new();

    /// <summary>The title's counter, held until <see cref="Release"/>.</summary>
    public ViewCounter Use(Guid contentId)
    {
        while (true)
        {
            var counter = counters.GetOrAdd(contentId, static id => new ViewCounter(id));
            if (counter.TryUse())
                return counter;
        }
    }

    public void Release(ViewCounter counter)
    {
        counter.Release();
        CloseIfIdle(counter);
    }

    public void Add(Guid contentId, long count)
    {
        while (!counters.GetOrAdd(contentId, static id => new ViewCounter(id)).TryAdd(count))
        {
            // Closed between the two calls; its entry is about to go.
        }
    }

    public void Withdraw(Guid contentId, long count)
    {
        if (counters.TryGetValue(contentId, out var counter))
        {
            counter.Withdraw(count);
            CloseIfIdle(counter);
        }
    }

    public void Apply(AppliedTitle title)
    {
        if (counters.TryGetValue(title.ContentId, out var counter))
        {
            counter.Apply(title.Journalled, title.Total);
            CloseIfIdle(counter);
        }
    }

    private void CloseIfIdle(ViewCounter counter)
    {
        if (counter.TryClose())
            counters.TryRemove(KeyValuePair.Create(counter.ContentId, counter));
    }
}
