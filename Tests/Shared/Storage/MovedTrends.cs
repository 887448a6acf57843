using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>Trends at a moment of the fixture's clock, from a database whose rows have moved into the past instead.</summary>
internal sealed class MovedTrends(ITrendingStore store, TimeSpan passed) : ITrendingStore
{
    public Task<IReadOnlyList<TrendingTitle>> GetTopAsync(TrendingWindow window, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        store.GetTopAsync(window, now - passed, limit, cancellationToken);
}
