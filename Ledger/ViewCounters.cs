using System.Collections.Concurrent;

namespace Streaming.Ledger;

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

    /// <summary>The title's counter where an activation on this silo uses it and stays; null otherwise.</summary>
    public ViewCounter? FindUsed(Guid contentId) =>
        counters.TryGetValue(contentId, out var counter) && counter is { IsUsed: true, Moved: null } ? counter : null;

    /// <summary>The title's activation has not gone after all.</summary>
    public void Stay(Guid contentId)
    {
        if (counters.TryGetValue(contentId, out var counter))
            counter.Stay();
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

    /// <summary>Whether an activation on this silo uses the title's counter.</summary>
    public bool Apply(AppliedTitle title)
    {
        if (!counters.TryGetValue(title.ContentId, out var counter))
            return false;

        counter.Apply(title.Journalled, title.Total);
        return !CloseIfIdle(counter);
    }

    public bool Contains(Guid contentId) => counters.ContainsKey(contentId);

    /// <summary>The titles that have a counter now.</summary>
    public IEnumerable<Guid> Titles => counters.Select(counter => counter.Key);

    private bool CloseIfIdle(ViewCounter counter)
    {
        if (!counter.TryClose())
            return false;

        counters.TryRemove(KeyValuePair.Create(counter.ContentId, counter));
        return true;
    }
}
