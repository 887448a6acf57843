using System.Collections.Concurrent;

namespace Streaming.WebFront.Limits;

/// <summary>
/// A token bucket for each client, kept as the one moment at which it is full again (the generic cell rate algorithm): no
/// lock, no allocation for a client that is known. System.Threading.RateLimiting has one lock over all its partitions, makes
/// a closure for each request and bounds their number in no way.
/// </summary>
internal sealed class TokenBuckets : IDisposable
{
    public static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private const int SharedBuckets = 256;

    private readonly ConcurrentDictionary<RateLimitClient, Bucket> buckets = new();
    private readonly Bucket[] shared = [.. Enumerable.Range(0, SharedBuckets).Select(_ => new Bucket())];
    private readonly TimeProvider time;
    private readonly int maxClients;
    private readonly long interval;
    private readonly long depth;
    private readonly ITimer sweep;
    private int count;

    public TokenBuckets(RateLimitRule rule, int maxClients, TimeProvider time)
    {
        this.time = time;
        this.maxClients = maxClients;
        interval = time.TimestampFrequency * 60 / rule.PerMinute;
        depth = interval * rule.Burst;
        sweep = time.CreateTimer(static state => ((TokenBuckets)state!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>Clients that are remembered.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>Takes a token. Zero when there was one, otherwise the time until there is.</summary>
    public TimeSpan Take(in RateLimitClient client)
    {
        var bucket = Find(client);
        var now = time.GetTimestamp();
        while (true)
        {
            var fullAt = Volatile.Read(ref bucket.FullAt);
            var next = Math.Max(fullAt, now) + interval;
            if (next - now > depth)
                return time.GetElapsedTime(now + depth, next);

            if (Interlocked.CompareExchange(ref bucket.FullAt, next, fullAt) == fullAt)
                return TimeSpan.Zero;
        }
    }

    public void Dispose() => sweep.Dispose();

    private Bucket Find(in RateLimitClient client)
    {
        if (buckets.TryGetValue(client, out var bucket))
            return bucket;

        if (Count >= maxClients)
            return shared[(uint)client.GetHashCode() % SharedBuckets];

        var added = new Bucket();
        bucket = buckets.GetOrAdd(client, added);
        if (bucket == added)
            Interlocked.Increment(ref count);

        return bucket;
    }

    /// <summary>A full bucket is as good as none. One that is taken from just now is forgotten with that token, which is little.</summary>
    private void Sweep()
    {
        var now = time.GetTimestamp();
        foreach (var entry in buckets)
        {
            if (Volatile.Read(ref entry.Value.FullAt) <= now && buckets.TryRemove(entry))
                Interlocked.Decrement(ref count);
        }
    }

    private sealed class Bucket
    {
        public long FullAt;
    }
}
