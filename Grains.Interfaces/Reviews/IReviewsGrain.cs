using System.Collections.Immutable;

namespace Streaming.Reviews;

public enum ReviewSort
{
    /// <summary>Last written first.</summary>
    Newest,

    /// <summary>Most liked first.</summary>
    Top,

    /// <summary>Highest rating first.</summary>
    Rating,
}

/// <summary>The reviews of one title, by its content id.</summary>
[Alias("reviews")]
public interface IReviewsGrain : IGrainWithGuidKey
{
    /// <summary>One page; empty for an unknown title.</summary>
    [Alias("page")]
    Task<ReviewPage> GetPageAsync(ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken = default);

    /// <summary>Writes a user's review of the title; it takes the place of an earlier one by the same user.</summary>
    [Alias("write")]
    Task<WriteReviewResult> WriteAsync(ReviewDraft draft);
}

/// <param name="Rating">1 to 10; the caller has checked it.</param>
[GenerateSerializer, Immutable, Alias("review-draft")]
public sealed record ReviewDraft(
    [property: Id(0)] Guid UserId,
    [property: Id(1)] double Rating,
    [property: Id(2)] string? Comment,
    [property: Id(3)] bool IsSpoiler);

public enum WriteReviewStatus
{
    Written,
    UnknownTitle,
    UnknownUser,
}

[GenerateSerializer, Immutable, Alias("write-review-result")]
public sealed record WriteReviewResult([property: Id(0)] WriteReviewStatus Status, [property: Id(1)] Review? Review);

/// <param name="Next">Cursor of the next page in the same order; null on the last.</param>
[GenerateSerializer, Immutable, Alias("review-page")]
public sealed record ReviewPage([property: Id(0)] ImmutableArray<Review> Reviews, [property: Id(1)] PageCursor? Next);
