using Microsoft.Extensions.Logging;
using Streaming.Content;
using Streaming.Users;

namespace Streaming.Reviews;

/// <summary>Orders one title's writes. It keeps nothing, and so not long: the title's grain keeps the rendered one, and is told of each change.</summary>
[CollectionAgeLimit(Minutes = 2)]
internal sealed partial class ReviewsGrain(
    IReviewStore store, IUserStore users, IGrainFactory grains, ILogger<ReviewsGrain> logger) : Grain, IReviewsGrain
{
    public Task<ReviewPage> GetPageAsync(ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken) =>
        store.GetPageAsync(this.GetPrimaryKey(), sort, limit, after, cancellationToken);

    public async Task<WriteReviewResult> WriteAsync(ReviewDraft draft)
    {
        var title = grains.GetGrain<IContentGrain>(this.GetPrimaryKey());
        if (!await CallRetry.AskAsync(title, static title => title.ExistsAsync()))
            return new WriteReviewResult(WriteReviewStatus.UnknownTitle, null);

        if ((await users.GetUsernamesAsync([draft.UserId], CancellationToken.None)).Count == 0)
            return new WriteReviewResult(WriteReviewStatus.UnknownUser, null);

        try
        {
            return new WriteReviewResult(WriteReviewStatus.Written, await store.UpsertAsync(this.GetPrimaryKey(), draft, CancellationToken.None));
        }
        finally
        {
            // After a failure too: it is unknown whether the review was written.
            await TellAsync(title);
        }
    }

    /// <summary>Never throws: the review stands, or what the store said is what the caller has to know.</summary>
    private async Task TellAsync(IContentGrain title)
    {
        try
        {
            await CallRetry.TellAsync(title, static title => title.ReviewsChangedAsync());
        }
        catch (Exception e)
        {
            LogNotTold(logger, this.GetPrimaryKey(), e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Title {ContentId} could not be told that its reviews have changed; its page shows the old ones for a while.")]
    private static partial void LogNotTold(ILogger logger, Guid contentId, Exception exception);
}
