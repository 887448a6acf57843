using Streaming.Content;
using Streaming.Users;

namespace Streaming.Reviews;

/// <summary>Orders one title's writes. It keeps nothing, and so not long: the title's grain keeps the rendered one, and is told of each change.</summary>
[CollectionAgeLimit(Minutes = 2)]
internal sealed class ReviewsGrain(IReviewStore store, IUserStore users, IGrainFactory grains) : Grain, IReviewsGrain
{
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
}
