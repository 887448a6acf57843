using System.Collections.Immutable;

namespace Streaming.Videos;

/// <summary>Lists videos, and deletes all of a user's. A stateless worker; its key is always 0.</summary>
[Alias("videos")]
public interface IVideosGrain : IGrainWithIntegerKey
{
    /// <summary>Videos that play, newest first, from the one after <paramref name="skip"/> on, with their number: the paging of the replaced system. Slow far from the start.</summary>
    /// <param name="userId">Whose; null for everybody's.</param>
    [Alias("list-from")]
    Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken = default);

    /// <summary>The same in pages that stay right while videos are added: those before <paramref name="before"/>, at most <paramref name="limit"/> (200).</summary>
    [Alias("list")]
    Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>A user's deleted videos that can be restored, last deleted first.</summary>
    [Alias("list-deleted")]
    Task<VideoPage> ListDeletedAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// The next video whose file is to be looked at, of the user who has waited longest for a turn; null when none waits. It waits again when
    /// it was not described (<see cref="IVideoGrain.DescribeAsync"/>) within so many seconds: whoever took it may have died.
    /// </summary>
    [Alias("take-for-inspection")]
    Task<WaitingVideo?> TakeForInspectionAsync(int leaseSeconds);

    /// <summary>Deletes all of a user's videos that play; returns how many. May be repeated.</summary>
    [Alias("delete-all")]
    Task<int> DeleteAllAsync(Guid userId);
}

[GenerateSerializer, Immutable, Alias("counted-videos")]
public sealed record CountedVideos([property: Id(0)] ImmutableArray<Video> Videos, [property: Id(1)] long Total);

/// <param name="Next">Cursor of the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("video-page")]
public sealed record VideoPage([property: Id(0)] ImmutableArray<Video> Videos, [property: Id(1)] PageCursor? Next);
