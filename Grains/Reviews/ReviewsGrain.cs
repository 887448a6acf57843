using System.Text.Json;
using Streaming.Content;
using Streaming.Users;

namespace Streaming.Reviews;

/// <summary>Orders one title's writes. It keeps nothing, and so not long: the title's grain keeps the rendered one, and is told of each change.</summary>
[CollectionAgeLimit(Minutes = 2)]
internal sealed class ReviewsGrain(IReviewStore store, IUserStore users, RatingPrior prior, IGrainFactory grains) : Grain, IReviewsGrain
{
    /// <summary>A title's page goes on without its reviews, so what cannot be read is an answer here and no failure.</summary>
    public async Task<RenderedReviews?> GetNewestAsync()
    {
        try
        {
            return await RenderNewestAsync();
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            return null;
        }
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

        try
        {
            return new WriteReviewResult(WriteReviewStatus.Written, await store.UpsertAsync(this.GetPrimaryKey(), draft, CancellationToken.None));
        }
        finally
        {
            // After a failure too: nobody knows whether the review was written.
            await title.ReviewsChangedAsync();
        }
    }

    private async Task<RenderedReviews> RenderNewestAsync()
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
