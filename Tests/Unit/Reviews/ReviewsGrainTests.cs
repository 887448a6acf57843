using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Reviews;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Reviews;

public sealed class ReviewsGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_review_of_an_unknown_title_is_refused()
    {
        var result = await Grain(silo.Samples.Id()).WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 5, null, IsSpoiler: false));
        Assert.Equal(new WriteReviewResult(WriteReviewStatus.UnknownTitle, null), result);
    }

    [Fact]
    public async Task A_review_of_an_unknown_person_is_refused()
    {
        var result = await Grain(await silo.AddTitleAsync()).WriteAsync(new ReviewDraft(silo.Samples.Id(), 5, null, IsSpoiler: false));
        Assert.Equal(new WriteReviewResult(WriteReviewStatus.UnknownUser, null), result);
    }

    [Fact]
    public async Task A_written_review_is_among_the_newest_at_once_with_its_authors_name()
    {
        var (grain, ann) = (Grain(await silo.AddTitleAsync()), await silo.AddUserAsync("Ann"));
        Assert.Equal(0, (await NewestAsync(grain))!.Total);

        var written = await grain.WriteAsync(new ReviewDraft(ann, 8, "Good.", IsSpoiler: true));

        Assert.Equal(WriteReviewStatus.Written, written.Status);
        var newest = (await NewestAsync(grain))!;
        Assert.Equal(1, newest.Total);
        using var reviews = JsonDocument.Parse(newest.Reviews);
        var review = Assert.Single(reviews.RootElement.EnumerateArray());
        Assert.Equal(written.Review!.Id, review.GetProperty("_id").GetString());
        Assert.Equal("Ann", review.GetProperty("username").GetString());
        Assert.Equal("Good.", review.GetProperty("comment").GetString());
        Assert.Equal(ann, review.GetProperty("user_id").GetGuid());
        Assert.True(review.GetProperty("is_spoiler").GetBoolean());
    }

    [Fact]
    public async Task A_second_review_of_a_person_takes_the_place_of_the_first()
    {
        var (grain, ann) = (Grain(await silo.AddTitleAsync()), await silo.AddUserAsync("Ann"));
        var first = await grain.WriteAsync(new ReviewDraft(ann, 2, "Bad.", IsSpoiler: false));
        await NewestAsync(grain);
        var second = await grain.WriteAsync(new ReviewDraft(ann, 9, "Good after all.", IsSpoiler: false));

        Assert.Equal(first.Review!.Id, second.Review!.Id);
        var review = Assert.Single((await grain.GetPageAsync(ReviewSort.Newest, 10, null, TestContext.Current.CancellationToken)).Reviews);
        Assert.Equal((9.0, "Good after all."), (review.Rating, review.Comment));
        Assert.Equal(1, (await NewestAsync(grain))!.Total);
        Assert.Equal(9, Summary(await NewestAsync(grain)).Mean);
    }

    [Fact]
    public async Task The_summary_is_the_mean_and_the_published_weighted_rating()
    {
        var other = Grain(await silo.AddTitleAsync());
        await other.WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 2, null, IsSpoiler: false));
        var grain = Grain(await silo.AddTitleAsync());
        foreach (var rating in (double[])[9, 8, 10])
            await grain.WriteAsync(new ReviewDraft(await silo.AddUserAsync(), rating, null, IsSpoiler: false));

        await silo.Stores.AdvanceAsync(RatingPrior.Lifetime * 2);
        var all = await silo.Stores.Reviews.GetOverallTotalsAsync(TestContext.Current.CancellationToken);
        var summary = Summary(await NewestAsync(grain));

        var overall = all.Sum / all.Count;
        Assert.Equal(new RatingSummary(3, 9, Math.Round((27 + (10 * overall)) / 13, 2), 10, Math.Round(overall, 2)), summary);
    }

    [Fact]
    public async Task Without_reviews_the_weighted_rating_is_the_overall_mean()
    {
        await Grain(await silo.AddTitleAsync()).WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 7, null, IsSpoiler: false));
        await silo.Stores.AdvanceAsync(RatingPrior.Lifetime * 2);
        var summary = Summary(await NewestAsync(Grain(await silo.AddTitleAsync())));
        Assert.Equal((0, null, summary.PriorMean), (summary.Count, summary.Mean, summary.Weighted));
    }

    [Fact]
    public async Task Where_nobody_has_reviewed_anything_the_prior_is_the_middle_of_the_scale()
    {
        await using var empty = await SiloFixture.StartAsync();
        var rendered = await empty.Services.GetRequiredService<NewestReviews>().ReadAsync(await empty.AddTitleAsync());
        Assert.Equal(new RatingSummary(0, null, 5.5, 10, 5.5), Summary(rendered));
        Assert.Equal("[]", System.Text.Encoding.UTF8.GetString(rendered!.Reviews));
    }

    [Fact]
    public async Task The_newest_are_fifty_and_pages_reach_the_rest()
    {
        var grain = Grain(await silo.AddTitleAsync());
        for (var i = 0; i < NewestReviews.Count + 3; i++)
            await grain.WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 5, $"{i}", IsSpoiler: false));

        var newest = (await NewestAsync(grain))!;
        using var reviews = JsonDocument.Parse(newest.Reviews);
        Assert.Equal(NewestReviews.Count, reviews.RootElement.GetArrayLength());
        Assert.Equal("52", reviews.RootElement[0].GetProperty("comment").GetString());
        Assert.Equal(NewestReviews.Count + 3, newest.Total);

        var first = await grain.GetPageAsync(ReviewSort.Newest, NewestReviews.Count, null, TestContext.Current.CancellationToken);
        var second = await grain.GetPageAsync(ReviewSort.Newest, NewestReviews.Count, first.Next, TestContext.Current.CancellationToken);
        Assert.Equal(["2", "1", "0"], second.Reviews.Select(review => review.Comment));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task An_unknown_title_has_an_empty_page()
    {
        var page = await Grain(silo.Samples.Id()).GetPageAsync(ReviewSort.Top, 10, null, TestContext.Current.CancellationToken);
        Assert.Empty(page.Reviews);
        Assert.Null(page.Next);
    }

    private IReviewsGrain Grain(Guid title) => silo.Grains.GetGrain<IReviewsGrain>(title);

    private Task<RenderedReviews?> NewestAsync(IReviewsGrain grain) =>
        silo.Services.GetRequiredService<NewestReviews>().ReadAsync(grain.GetPrimaryKey());

    private static RatingSummary Summary(RenderedReviews? rendered) =>
        JsonSerializer.Deserialize(rendered!.Summary, StreamingJson.Contract.RatingSummary)!;
}
