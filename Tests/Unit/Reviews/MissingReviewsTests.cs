using System.Text;
using System.Text.Json;
using Streaming.Content;
using Streaming.Reviews;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Reviews;

/// <summary>The grains while the review store is away.</summary>
public sealed class MissingReviewsTests : IAsyncLifetime
{
    private readonly EmbeddedFixture stores = new();
    private SiloFixture silo = null!;
    private ReviewsDouble reviews = null!;
    private Guid title;

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        reviews = new ReviewsDouble(stores.Reviews);
        silo = await SiloFixture.StartAsync(stores, reviews: reviews);
        title = await silo.AddTitleAsync();
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task Details_go_on_and_say_that_the_reviews_are_missing()
    {
        reviews.Away = true;
        await silo.Recorder.RecordAsync(title, 3, null);

        var details = (await silo.Content(title).GetDetailsAsync())!;

        Assert.Equal(3, details.Views);
        var shown = Whole(details);
        Assert.Equal("[]", shown.GetProperty("reviews").GetRawText());
        Assert.Equal("[]", shown.GetProperty("genres").GetRawText());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("rating_summary").ValueKind);
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("reviews_total").ValueKind);
        Assert.False(shown.GetProperty("reviews_available").GetBoolean());
    }

    [Fact]
    public async Task Reviews_are_back_a_few_seconds_after_their_store_is()
    {
        await silo.Grains.GetGrain<IReviewsGrain>(title).WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 8, "Good.", IsSpoiler: false));
        reviews.Away = true;
        Assert.False(Whole((await silo.Content(title).GetDetailsAsync())!).GetProperty("reviews_available").GetBoolean());

        reviews.Away = false;
        await stores.AdvanceAsync(DetailsRendering.LifetimeWithoutReviews);

        var shown = Whole((await silo.Content(title).GetDetailsAsync())!);
        Assert.True(shown.GetProperty("reviews_available").GetBoolean());
        Assert.Equal(1, shown.GetProperty("reviews_total").GetInt32());
        Assert.Equal("Good.", shown.GetProperty("reviews")[0].GetProperty("comment").GetString());
    }

    [Fact]
    public async Task Details_that_are_fresh_keep_their_reviews_while_the_store_is_away()
    {
        await silo.Grains.GetGrain<IReviewsGrain>(title).WriteAsync(new ReviewDraft(await silo.AddUserAsync(), 8, "Good.", IsSpoiler: false));
        await silo.Content(title).GetDetailsAsync();
        reviews.Away = true;
        Assert.Equal(1, Whole((await silo.Content(title).GetDetailsAsync())!).GetProperty("reviews_total").GetInt32());
    }

    [Fact]
    public async Task Details_that_an_earlier_activation_kept_are_not_shown_by_the_next()
    {
        await silo.Content(title).GetDetailsAsync();
        await stores.Reviews.UpsertAsync(
            title, new ReviewDraft(await silo.AddUserAsync(), 8, "Good.", IsSpoiler: false), TestContext.Current.CancellationToken);
        Assert.Equal(0, Whole((await silo.Content(title).GetDetailsAsync())!).GetProperty("reviews_total").GetInt32());

        await silo.DeactivateAsync(silo.Content(title));

        Assert.Equal(1, Whole((await silo.Content(title).GetDetailsAsync())!).GetProperty("reviews_total").GetInt32());
    }

    [Fact]
    public async Task A_page_and_a_review_fail_as_the_store_does()
    {
        var (grain, user) = (silo.Grains.GetGrain<IReviewsGrain>(title), await silo.AddUserAsync());
        reviews.Away = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => grain.GetPageAsync(ReviewSort.Newest, 10, null, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => grain.WriteAsync(new ReviewDraft(user, 8, null, IsSpoiler: false)));
    }

    [Fact]
    public async Task Failure_of_the_store_is_told_also_where_the_title_cannot_be_told()
    {
        var own = new EmbeddedFixture();
        await own.OpenAsync();
        var store = new ReviewsDouble(own.Reviews);
        await using var deaf = await SiloFixture.StartAsync(own, reviews: store, configure: silo => silo.AddIncomingGrainCallFilter(call =>
            call.MethodName == nameof(IContentGrain.ReviewsChangedAsync) ? throw new TimeoutException("The title does not answer.") : call.Invoke()));
        var (grain, user) = (deaf.Grains.GetGrain<IReviewsGrain>(await deaf.AddTitleAsync()), await deaf.AddUserAsync());
        Assert.Equal(WriteReviewStatus.Written, (await grain.WriteAsync(new ReviewDraft(user, 8, null, IsSpoiler: false))).Status);

        store.Away = true;
        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => grain.WriteAsync(new ReviewDraft(user, 9, null, IsSpoiler: false)));
        Assert.Equal("The reviews are away.", e.Message);
    }

    private static JsonElement Whole(RenderedDetails details) =>
        JsonElement.Parse("{\"reviews\":" + Encoding.UTF8.GetString([.. details.Reviews, .. details.Rest]));
}
