using Streaming.Reviews;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Reviews;

public abstract class ReviewStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private IReviewStore Store => Fixture.Reviews;

    [Fact]
    public async Task Read_that_its_caller_has_given_up_is_no_failure_of_the_store()
    {
        var gone = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetPageAsync(Samples.Id(), ReviewSort.Newest, 10, null, gone));
        Assert.Empty((await Store.GetPageAsync(Samples.Id(), ReviewSort.Newest, 10, null, Cancel)).Reviews);
    }

    [Fact]
    public async Task A_review_comes_back_as_it_was_written()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        var written = await Store.UpsertAsync(title, new ReviewDraft(user, 8.5, "“Très bien”", IsSpoiler: true), Cancel);

        var read = Assert.Single((await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel)).Reviews);

        Assert.Equal((title, user, 8.5, "“Très bien”", true), (read.ContentId, read.UserId, read.Rating, read.Comment, read.IsSpoiler));
        Assert.Equal((0, Fixture.Now, 0), (read.LikesCount, read.CreatedAt, read.Version));
        Assert.Empty(read.Replies);
        Assert.Matches("^[0-9a-f]{24}$", read.Id);
        AssertSame(written, read);
    }

    [Fact]
    public async Task A_review_may_lack_a_comment()
    {
        var title = Samples.Id();
        await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 1, null, IsSpoiler: false), Cancel);
        Assert.Null(Assert.Single((await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel)).Reviews).Comment);
    }

    [Fact]
    public async Task A_second_review_of_a_person_takes_the_place_of_the_first()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        var first = await Store.UpsertAsync(title, new ReviewDraft(user, 3, "no", IsSpoiler: true), Cancel);
        await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 7, "another person's", IsSpoiler: false), Cancel);
        await Store.UpsertAsync(Samples.Id(), new ReviewDraft(user, 7, "another title's", IsSpoiler: false), Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(1));

        var second = await Store.UpsertAsync(title, new ReviewDraft(user, 9, null, IsSpoiler: false), Cancel);

        Assert.Equal(first.Id, second.Id);
        Assert.Equal((9.0, null, false, Fixture.Now), (second.Rating, second.Comment, second.IsSpoiler, second.CreatedAt));
        var page = await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel);
        Assert.Equal(2, page.Reviews.Length);
        AssertSame(second, page.Reviews[0]);
        Assert.Equal(new RatingTotals(2, 16), await Store.GetTotalsAsync(title, Cancel));
    }

    [Fact]
    public async Task A_replaced_review_keeps_its_likes()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        var first = await Store.UpsertAsync(title, new ReviewDraft(user, 3, null, IsSpoiler: false), Cancel);
        await Fixture.SetLikesAsync(first.Id, 12);
        Assert.Equal(12, (await Store.UpsertAsync(title, new ReviewDraft(user, 4, null, IsSpoiler: false), Cancel)).LikesCount);
    }

    [Fact]
    public async Task Concurrent_reviews_of_one_person_leave_one_of_them_whole()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        var drafts = Enumerable.Range(0, 20).Select(i => new ReviewDraft(user, 1 + (i % 10), $"text {i}", i % 2 == 0)).ToArray();

        var answers = await Task.WhenAll(drafts.Select(draft => Task.Run(() => Store.UpsertAsync(title, draft, Cancel), Cancel)));

        var left = Assert.Single((await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel)).Reviews);
        Assert.Contains(new ReviewDraft(user, left.Rating, left.Comment, left.IsSpoiler), drafts);
        Assert.All(answers, review => Assert.Equal(left.Id, review.Id));
        Assert.Equal(new RatingTotals(1, left.Rating), await Store.GetTotalsAsync(title, Cancel));
    }

    [Fact]
    public async Task Concurrent_reviews_of_many_people_are_all_kept()
    {
        var title = Samples.Id();
        var drafts = Enumerable.Range(0, 30).Select(_ => new ReviewDraft(Samples.Id(), 5, null, IsSpoiler: false)).ToArray();

        await Task.WhenAll(drafts.Select(draft => Task.Run(() => Store.UpsertAsync(title, draft, Cancel), Cancel)));

        var page = await Store.GetPageAsync(title, ReviewSort.Newest, 100, null, Cancel);
        Assert.Equal(Ascending(drafts.Select(draft => draft.UserId)), Ascending(page.Reviews.Select(review => review.UserId)));
        Assert.Equal(30, page.Reviews.Select(review => review.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(ReviewSort.Newest)]
    [InlineData(ReviewSort.Top)]
    [InlineData(ReviewSort.Rating)]
    public async Task Pages_follow_the_order_with_ties_by_id_newest_first(ReviewSort sort)
    {
        var title = Samples.Id();
        var all = await WriteWithTiesAsync(title);
        await Store.UpsertAsync(Samples.Id(), new ReviewDraft(Samples.Id(), 5, "another title's", IsSpoiler: false), Cancel);

        var read = new List<Review>();
        PageCursor? after = null;
        do
        {
            var page = await Store.GetPageAsync(title, sort, 4, after, Cancel);
            Assert.Equal(Math.Min(4, all.Count - read.Count), page.Reviews.Length);
            read.AddRange(page.Reviews);
            after = page.Next;
        }
        while (after is not null);

        var expected = all.OrderByDescending(review => sort switch
        {
            ReviewSort.Top => review.LikesCount,
            ReviewSort.Rating => review.Rating,
            _ => review.CreatedAt.ToUnixTimeMilliseconds(),
        }).ThenByDescending(review => review.Id, StringComparer.Ordinal);
        Assert.Equal(expected.Select(review => review.Id), read.Select(review => review.Id));
    }

    [Fact]
    public async Task A_page_that_ends_with_the_last_review_has_no_next()
    {
        var title = Samples.Id();
        for (var i = 0; i < 4; i++)
            await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 5, null, IsSpoiler: false), Cancel);

        var first = await Store.GetPageAsync(title, ReviewSort.Newest, 2, null, Cancel);
        var second = await Store.GetPageAsync(title, ReviewSort.Newest, 2, first.Next, Cancel);

        Assert.NotNull(first.Next);
        Assert.Equal(2, second.Reviews.Length);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_review_written_between_two_pages_moves_nothing()
    {
        var title = Samples.Id();
        for (var i = 0; i < 6; i++)
            await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 5, $"{i}", IsSpoiler: false), Cancel);

        var first = await Store.GetPageAsync(title, ReviewSort.Newest, 3, null, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 5, "late", IsSpoiler: false), Cancel);
        var second = await Store.GetPageAsync(title, ReviewSort.Newest, 3, first.Next, Cancel);

        Assert.Equal(["5", "4", "3", "2", "1", "0"], first.Reviews.Concat(second.Reviews).Select(review => review.Comment));
    }

    [Fact]
    public async Task A_title_without_reviews_has_an_empty_page_and_no_totals()
    {
        await Store.UpsertAsync(Samples.Id(), new ReviewDraft(Samples.Id(), 5, null, IsSpoiler: false), Cancel);
        var page = await Store.GetPageAsync(Samples.Id(), ReviewSort.Top, 10, null, Cancel);
        Assert.Empty(page.Reviews);
        Assert.Null(page.Next);
        Assert.Equal(new RatingTotals(0, 0), await Store.GetTotalsAsync(Samples.Id(), Cancel));
    }

    [Fact]
    public async Task Overall_totals_are_those_of_all_titles()
    {
        Assert.Equal(new RatingTotals(0, 0), await Store.GetOverallTotalsAsync(Cancel));
        var (first, second) = (Samples.Id(), Samples.Id());
        await Store.UpsertAsync(first, new ReviewDraft(Samples.Id(), 2.5, null, IsSpoiler: false), Cancel);
        await Store.UpsertAsync(first, new ReviewDraft(Samples.Id(), 4, null, IsSpoiler: false), Cancel);
        await Store.UpsertAsync(second, new ReviewDraft(Samples.Id(), 10, null, IsSpoiler: false), Cancel);

        Assert.Equal(new RatingTotals(2, 6.5), await Store.GetTotalsAsync(first, Cancel));
        Assert.Equal(new RatingTotals(3, 16.5), await Store.GetOverallTotalsAsync(Cancel));
    }

    [Fact]
    public async Task One_persons_reviews_of_all_titles_come_newest_first_page_by_page()
    {
        var (user, written) = (Samples.Id(), new List<Review>());
        for (var i = 0; i < 7; i++)
        {
            written.Add(await Store.UpsertAsync(Samples.Id(), new ReviewDraft(user, 5, $"comment {i}", IsSpoiler: false), Cancel));
            await Store.UpsertAsync(written[^1].ContentId, new ReviewDraft(Samples.Id(), 5, "another person's", IsSpoiler: false), Cancel);
        }

        var read = new List<Review>();
        PageCursor? after = null;
        do
        {
            var page = await Store.GetByUserAsync(user, 3, after, Cancel);
            Assert.InRange(page.Reviews.Length, 1, 3);
            read.AddRange(page.Reviews);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(written.OrderByDescending(review => review.Id, StringComparer.Ordinal).Select(review => review.Id), read.Select(review => review.Id));
        Assert.All(read, review => Assert.Equal(written.Single(w => w.Id == review.Id).Comment, review.Comment));
    }

    [Fact]
    public async Task A_person_without_reviews_has_an_empty_page_and_none_to_take_away()
    {
        var page = await Store.GetByUserAsync(Samples.Id(), 3, null, Cancel);
        Assert.Empty(page.Reviews);
        Assert.Null(page.Next);
        Assert.Equal(0, await Store.AnonymiseAsync(Samples.Id(), 3, Cancel));
    }

    [Fact]
    public async Task Reviews_taken_away_from_their_authors_keep_the_rating_and_lose_comment_and_author()
    {
        var (first, second, other, titles) = (Samples.Id(), Samples.Id(), Samples.Id(), Enumerable.Range(0, 5).Select(_ => Samples.Id()).ToArray());
        foreach (var title in titles)
        {
            await Store.UpsertAsync(title, new ReviewDraft(first, 2, "mine", IsSpoiler: false), Cancel);
            await Store.UpsertAsync(title, new ReviewDraft(second, 3, null, IsSpoiler: true), Cancel);
        }

        var kept = await Store.UpsertAsync(titles[0], new ReviewDraft(other, 9, "another person's", IsSpoiler: false), Cancel);

        Assert.Equal(2, await Store.AnonymiseAsync(first, 2, Cancel));
        Assert.Equal(3, (await Store.GetByUserAsync(first, 10, null, Cancel)).Reviews.Length);
        Assert.Equal(3, await Store.AnonymiseAsync(first, 10, Cancel));
        Assert.Equal(0, await Store.AnonymiseAsync(first, 10, Cancel));
        Assert.Equal(5, await Store.AnonymiseAsync(second, 10, Cancel));

        var authors = new HashSet<Guid>();
        foreach (var title in titles)
        {
            Assert.Equal(title == titles[0] ? new RatingTotals(3, 14) : new RatingTotals(2, 5), await Store.GetTotalsAsync(title, Cancel));
            foreach (var review in (await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel)).Reviews.Where(review => review.Id != kept.Id))
            {
                Assert.Null(review.Comment);
                Assert.True(authors.Add(review.UserId));
            }
        }

        Assert.Equal(10, authors.Except([first, second, Guid.Empty]).Count());
        Assert.Equal("another person's", Assert.Single((await Store.GetByUserAsync(other, 10, null, Cancel)).Reviews).Comment);
    }

    [Fact]
    public async Task Reviews_that_many_take_away_at_once_are_changed_once()
    {
        var user = Samples.Id();
        for (var i = 0; i < 6; i++)
            await Store.UpsertAsync(Samples.Id(), new ReviewDraft(user, 5, null, IsSpoiler: false), Cancel);

        var changed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store.AnonymiseAsync(user, 10, Cancel)));

        Assert.Equal(6, changed.Sum());
        Assert.Equal(new RatingTotals(6, 30), await Store.GetOverallTotalsAsync(Cancel));
    }

    private async Task<List<Review>> WriteWithTiesAsync(Guid title)
    {
        var written = new List<Review>();
        for (var i = 0; i < 14; i++)
        {
            // Two or three reviews share each moment, rating and number of likes.
            if (i % 3 == 0)
                await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));

            var review = await Store.UpsertAsync(
                title, new ReviewDraft(Samples.Id(), 1 + (Samples.Number(0, 8) / 2.0), null, IsSpoiler: false), Cancel);
            var likes = Samples.Number(0, 4);
            await Fixture.SetLikesAsync(review.Id, likes);
            written.Add(review with { LikesCount = likes });
        }

        // What a clock of the database's own says of moments is only known once all are written.
        return [.. (await Store.GetPageAsync(title, ReviewSort.Newest, 100, null, Cancel)).Reviews
            .Select(review => Assert.Single(written, w => w.Id == review.Id) with { CreatedAt = review.CreatedAt })];
    }

    private static void AssertSame(Review expected, Review actual) =>
        Assert.Equal(expected with { Replies = [] }, actual with { Replies = [] });
}

public sealed class SqliteReviewStoreTests() : ReviewStoreContract(new EmbeddedFixture());
