using System.Numerics;

namespace Streaming.Benchmarks.Load;

/// <summary>Counts durations in buckets of 1/64 of a power of two (under 1.6 % wide), shared by all connections.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBucketBits = 6;
    private const long LongestTicks = (1L << 40) - 1;

    private readonly long[] _buckets = new long[IndexOf(LongestTicks) + 1];

    public long Count => _buckets.Sum();

    public void Record(TimeSpan duration) =>
        Interlocked.Increment(ref _buckets[IndexOf(Math.Clamp(duration.Ticks, 0, LongestTicks))]);

    public TimeSpan Percentile(double fraction)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Count * fraction));
        var seen = 0L;
        for (var i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted)
                return TimeSpan.FromTicks(LowestOf(i));
        }

        return TimeSpan.Zero;
    }

    private static int IndexOf(long ticks)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)ticks) - SubBucketBits);
        return (shift << SubBucketBits) + (int)(ticks >> shift);
    }

    private static long LowestOf(int index)
    {
        var shift = Math.Max(0, (index >> SubBucketBits) - 1);
        return (long)(index - (shift << SubBucketBits)) << shift;
    }
}
