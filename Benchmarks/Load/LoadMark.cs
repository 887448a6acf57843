using System.Diagnostics;

namespace Streaming.Benchmarks.Load;

/// <summary>A moment during a run, such as that of a fault: failures of requests sent after it are counted apart.</summary>
internal sealed class LoadMark
{
    private long _at = long.MaxValue;

    public void Set() => Volatile.Write(ref _at, Stopwatch.GetTimestamp());

    public bool IsBefore(long sent) => sent > Volatile.Read(ref _at);
}
