using Streaming.Reviews;

namespace Streaming.Tests.Reviews;

/// <summary>A double: a real review store that a test can take away and bring back.</summary>
internal sealed class ReviewsDouble(IReviewStore store) : IReviewStore
{
    public bool Away { get; set; }

    /// <summary>What a write of a review, or a read of a page, does before it reaches the store.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    private IReviewStore Store => Away ? throw new StoreUnavailableException("The reviews are away.", new IOException()) : store;

    public async Task<Review> UpsertAsync(Guid contentId, ReviewDraft draft, CancellationToken cancellationToken)
    {
        await Before(nameof(UpsertAsync), cancellationToken);
        return await Store.UpsertAsync(contentId, draft, cancellationToken);
    }

    public async Task<ReviewPage> GetPageAsync(
        Guid contentId, ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        await Before(nameof(GetPageAsync), cancellationToken);
        return await Store.GetPageAsync(contentId, sort, limit, after, cancellationToken);
    }

    public async Task<ReviewPage> GetByUserAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken) =>
        await Store.GetByUserAsync(userId, limit, after, cancellationToken);

    public async Task<int> AnonymiseAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        await Store.AnonymiseAsync(userId, limit, cancellationToken);

    public async Task<RatingTotals> GetTotalsAsync(Guid contentId, CancellationToken cancellationToken) =>
        await Store.GetTotalsAsync(contentId, cancellationToken);

    public async Task<RatingTotals> GetOverallTotalsAsync(CancellationToken cancellationToken) =>
        await Store.GetOverallTotalsAsync(cancellationToken);
}
