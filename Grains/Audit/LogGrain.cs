using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Streaming.Audit;

/// <summary>Holds nothing, so as many may run as are asked, and calls may interleave.</summary>
[StatelessWorker, Reentrant]
internal sealed class LogGrain(ILogStore store) : Grain, ILogGrain
{
    private const int MaxEntries = 1_000;

    public Task WriteAsync(ImmutableArray<LogEntry> entries)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Length, MaxEntries);
        return entries.IsEmpty ? Task.CompletedTask : store.AddAsync(entries, CancellationToken.None);
    }

    public Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken)
    {
        ThrowUnlessPage(limit);
        return store.ListAsync(filter, before, limit, cancellationToken);
    }

    public Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken)
    {
        ThrowUnlessPage(limit);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return store.ListFromAsync(filter, skip, limit, cancellationToken);
    }

    private static void ThrowUnlessPage(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxEntries);
    }
}
