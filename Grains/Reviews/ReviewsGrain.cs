using System.Text.Json;
using Streaming.Content;
using Streaming.Users;

namespace Streaming.Reviews;

internal sealed class ReviewsGrain(IReviewStore store, IUserStore users, RatingPrior prior, IGrainFactory grains, TimeProvider time)
    : Grain, IReviewsGrain
{
    private RenderedReviews? newest;
    private DateTimeOffset renderedAt;

    public async ValueTask<RenderedReviews> GetNewestAsync()
    {
        // Rendered again at times, since the overall mean moves and other writers may exist for a moment after a silo died.
        if (newest is null || time.GetUtcNow() - renderedAt > RatingPrior.Lifetime)
            (newest, renderedAt) = (await RenderAsync(), time.GetUtcNow());

        return newest;
    }

    public Task<ReviewPage> GetPageAsync(ReviewSort sort, int limit, PageCursor? after) =>
        store.GetPageAsync(this.GetPrimaryKey(), sort, limit, after, CancellationToken.None);

    public async Task<WriteReviewResult> WriteAsync(ReviewDraft draft)
    {
        var title = grains.GetGrain<IContentGrain>(this.GetPrimaryKey());
        if (!await title.ExistsAsync())
            return new WriteReviewResult(WriteReviewStatus.UnknownTitle, null);

        if ((await users.GetUsernamesAsync([draft.UserId], CancellationToken.None)).Count == 0)
            return new WriteReviewResult(WriteReviewStatus.UnknownUser, null);

        newest = null;
        var review = await store.UpsertAsync(this.GetPrimaryKey(), draft, CancellationToken.None);
        await title.ReviewsChangedAsync();
        return new WriteReviewResult(WriteReviewStatus.Written, review);
    }

    private async Task<RenderedReviews> RenderAsync()
    {
        var contentId = this.GetPrimaryKey();
        var page = await store.GetPageAsync(contentId, ReviewSort.Newest, IReviewsGrain.NewestCount, null, CancellationToken.None);
        var names = await users.GetUsernamesAsync([.. page.Reviews.Select(r => r.UserId).Distinct()], CancellationToken.None);
        var totals = await store.GetTotalsAsync(contentId, CancellationToken.None);
        var summary = await prior.SummariseAsync(totals);
        return new RenderedReviews(
            JsonSerializer.SerializeToUtf8Bytes(
                [.. page.Reviews.Select(review => NamedReview.From(review, names.GetValueOrDefault(review.UserId)))],
                StreamingJson.Contract.NamedReviewArray),
            JsonSerializer.SerializeToUtf8Bytes(summary, StreamingJson.Contract.RatingSummary),
            totals.Count);
    }
}
