using System.Collections.Immutable;

namespace Streaming.Viewing;

public enum TrendingWindow
{
    /// <summary>The current hour, UTC.</summary>
    Hour,

    /// <summary>The current day, UTC.</summary>
    Day,

    /// <summary>Today and the six days before, UTC.</summary>
    Week,
}

/// <summary>The most viewed titles of one window; the key is the window's number.</summary>
[Alias("trending")]
public interface ITrendingGrain : IGrainWithIntegerKey
{
    /// <summary>The most titles that a list can have.</summary>
    const int MaxTitles = 100;

    /// <summary>The first <paramref name="limit"/> titles, most views first, ties by content id.</summary>
    [Alias("top")]
    ValueTask<TrendingList> GetTopAsync(int limit);
}

[GenerateSerializer, Immutable, Alias("trending-title")]
public sealed record TrendingTitle(
    [property: Id(0)] Guid ContentId,
    [property: Id(1)] long Views,
    [property: Id(2)] string Title,
    [property: Id(3)] string ContentType,
    [property: Id(4)] string? ThumbnailUrl);

/// <param name="ComputedAt">When the list was read from the applied counts.</param>
[GenerateSerializer, Immutable, Alias("trending-list")]
public sealed record TrendingList([property: Id(0)] DateTimeOffset ComputedAt, [property: Id(1)] ImmutableArray<TrendingTitle> Titles);
