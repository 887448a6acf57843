namespace Streaming.Reviews;

/// <summary>Reviews, by content id.</summary>
public interface IReviewStore
{
    /// <summary>
    /// Writes a review. One per user and title: a second takes the place of the first, keeps its
    /// <see cref="Review.Id"/> and gets a new time. Concurrent writes of one user leave one of them whole.
    /// </summary>
    Task<Review> UpsertAsync(Guid contentId, ReviewDraft draft, CancellationToken cancellationToken);

    /// <summary>
    /// One page in the given order, ties by review id, newest first; <paramref name="after"/> is the last page's cursor
    /// for the same order.
    /// </summary>
    Task<ReviewPage> GetPageAsync(Guid contentId, ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken);

    /// <summary>One user's reviews of all titles, by review id, newest first; <paramref name="after"/> is the last page's cursor.</summary>
    Task<ReviewPage> GetByUserAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken);

    /// <summary>
    /// Takes up to <paramref name="limit"/> of a user's reviews away from them; returns how many. Callers repeat it until none is
    /// left. Each keeps its rating, loses its comment, and is from then on of a user id of its own that no account has:
    /// one id for all would be twice on a title that two such users reviewed.
    /// </summary>
    Task<int> AnonymiseAsync(Guid userId, int limit, CancellationToken cancellationToken);

    /// <summary>Number and sum of the ratings of one title; (0, 0) without reviews.</summary>
    Task<RatingTotals> GetTotalsAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>Number and sum of the ratings of all titles. Slow: callers keep it for minutes.</summary>
    Task<RatingTotals> GetOverallTotalsAsync(CancellationToken cancellationToken);
}

public readonly record struct RatingTotals(long Count, double Sum);
