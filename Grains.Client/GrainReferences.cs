using System.Collections.Concurrent;

namespace Streaming;

/// <summary>
/// Keeps references to grains of one kind: making one resolves its type anew, which is a large part of a short call.
/// Bounded; when it is full it starts over.
/// </summary>
public sealed class GrainReferences<TGrain>(IGrainFactory grains)
    where TGrain : IGrainWithGuidKey
{
    private const int Capacity = 50_000;

    private readonly ConcurrentDictionary<Guid, TGrain> references = new();
    private int count;

    public TGrain Get(Guid key)
    {
        if (references.TryGetValue(key, out var reference))
            return reference;

        if (Interlocked.Increment(ref count) > Capacity)
        {
            references.Clear();
            Volatile.Write(ref count, 0);
        }

        return references.GetOrAdd(key, static (key, grains) => grains.GetGrain<TGrain>(key), grains);
    }
}
