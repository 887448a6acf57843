using System.Collections.Immutable;

namespace Streaming.Audit;

/// <summary>Takes log entries and reads them. A stateless worker; its key is always 0.</summary>
[Alias("log")]
public interface ILogGrain : IGrainWithIntegerKey
{
    /// <summary>Writes entries, at most 1,000; completes when they are on disk. Those that are there already change nothing.</summary>
    [Alias("write")]
    Task WriteAsync(ImmutableArray<LogEntry> entries);

    /// <summary>Entries newest first, those before <paramref name="before"/>, at most <paramref name="limit"/> (1,000).</summary>
    [Alias("list")]
    Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>The page that begins after <paramref name="skip"/> entries, with their number: the paging of the replaced system. Slow far from the start.</summary>
    [Alias("list-from")]
    Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken = default);
}

/// <param name="Total">Entries that the filter lets through, on all pages.</param>
[GenerateSerializer, Immutable, Alias("counted-logs")]
public sealed record CountedLogs([property: Id(0)] ImmutableArray<LogEntry> Entries, [property: Id(1)] long Total);
