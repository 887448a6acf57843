using System.Text.Json;
using Streaming.Users;

namespace Streaming.Reviews;

/// <summary>What a title's details show of its reviews.</summary>
internal sealed class NewestReviews(IReviewStore store, IUserStore users, RatingPrior prior)
{
    public const int Count = 50;

    /// <summary>A title's page goes on without its reviews, so what cannot be read is an answer here and no failure.</summary>
    public async Task<RenderedReviews?> ReadAsync(Guid contentId)
    {
        try
        {
            return await RenderAsync(contentId);
        }
        catch (Exception e) when (e is StoreUnavailableException or StoreRefusedException or TimeoutException or OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<RenderedReviews> RenderAsync(Guid contentId)
    {
        var page = await store.GetPageAsync(contentId, ReviewSort.Newest, Count, null, CancellationToken.None);
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

/// <summary>A title's newest reviews and rating summary as UTF-8 JSON.</summary>
/// <param name="Reviews">Array of <see cref="NamedReview"/>, newest first.</param>
/// <param name="Summary">A <see cref="RatingSummary"/>.</param>
/// <param name="Total">Number of reviews of the title.</param>
internal sealed record RenderedReviews(byte[] Reviews, byte[] Summary, long Total);
