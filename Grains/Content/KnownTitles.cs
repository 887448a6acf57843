using System.Collections.Concurrent;

namespace Streaming.Content;

/// <summary>
/// Which titles exist, for requests that name thousands: ids that were found once are kept (16 bytes each and the
/// table's overhead; 40 MB at the bound), all others are looked up in one query a request.
/// </summary>
internal sealed class KnownTitles(IContentStore store)
{
    private const int Capacity = 500_000;

    private readonly ConcurrentDictionary<Guid, bool> known = new();
    private int count;

    /// <summary>The ids that no title has.</summary>
    public async Task<IReadOnlySet<Guid>> FindUnknownAsync(IEnumerable<Guid> contentIds, CancellationToken cancellationToken)
    {
        HashSet<Guid>? missing = null;
        foreach (var id in contentIds)
        {
            if (!known.ContainsKey(id))
                (missing ??= []).Add(id);
        }

        if (missing is null)
            return System.Collections.Frozen.FrozenSet<Guid>.Empty;

        foreach (var id in await store.FindExistingAsync(missing, cancellationToken))
        {
            missing.Remove(id);
            if (Volatile.Read(ref count) < Capacity && known.TryAdd(id, true))
                Interlocked.Increment(ref count);
        }

        return missing;
    }
}
