namespace Streaming.Viewing;

/// <summary>Applied views by hour and day.</summary>
public interface ITrendingStore
{
    /// <summary>The most viewed titles from <paramref name="window"/> at <paramref name="now"/>; most views first, ties by content id.</summary>
    Task<IReadOnlyList<TrendingTitle>> GetTopAsync(TrendingWindow window, DateTimeOffset now, int limit, CancellationToken cancellationToken);
}
