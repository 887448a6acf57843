using MongoDB.Bson;
using MongoDB.Driver;
using Streaming.Reviews;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Reviews;

public sealed class MongoReviewStoreTests() : ReviewStoreContract(new MongoFixture())
{
    private MongoFixture Mongo => (MongoFixture)Fixture;

    private IReviewStore Store => Fixture.Reviews;

    [Fact]
    public async Task A_document_has_the_fields_and_types_that_other_programs_expect()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        await Store.UpsertAsync(title, new ReviewDraft(user, 8, null, IsSpoiler: false), Cancel);

        var document = Assert.Single(await Mongo.Documents.Find(new BsonDocument()).ToListAsync(Cancel));

        Assert.Equal(
            "__v:Int32 _id:ObjectId content_id:String created_at:DateTime is_spoiler:Boolean likes_count:Int32 rating:Double replies:Array user_id:String",
            string.Join(' ', document.OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => $"{field.Name}:{field.Value.BsonType}")));
        Assert.Equal((title.ToString(), user.ToString()), (document["content_id"].AsString, document["user_id"].AsString));
        Assert.Equal(Fixture.Now.ToUnixTimeMilliseconds(), document["created_at"].AsBsonDateTime.MillisecondsSinceEpoch);
    }

    [Fact]
    public async Task A_document_of_another_program_may_lack_what_it_likes()
    {
        var (title, user, id) = (Samples.Id(), Samples.Id(), ObjectId.GenerateNewId(new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc)));
        await Mongo.Documents.InsertOneAsync(
            new BsonDocument { ["_id"] = id, ["content_id"] = title.ToString(), ["user_id"] = user.ToString(), ["rating"] = 7 }, null, Cancel);

        var review = Assert.Single((await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel)).Reviews);

        Assert.Equal(
            new Review(id.ToString(), title, user, 7, null, false, 0, new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero), review.Replies, 0),
            review);
        Assert.Empty(review.Replies);
        Assert.Equal(new RatingTotals(1, 7), await Store.GetTotalsAsync(title, Cancel));
    }

    [Fact]
    public async Task A_person_that_is_no_id_does_not_hide_the_others()
    {
        var title = Samples.Id();
        await Mongo.Documents.InsertOneAsync(
            new BsonDocument { ["content_id"] = title.ToString(), ["user_id"] = "anybody", ["rating"] = 3.5, ["created_at"] = DateTime.UnixEpoch }, null, Cancel);
        await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 8, null, IsSpoiler: false), Cancel);

        var page = await Store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel);

        Assert.Equal([8, 3.5], page.Reviews.Select(review => review.Rating));
        Assert.Equal(Guid.Empty, page.Reviews[1].UserId);
    }

    [Theory]
    [InlineData(ReviewSort.Newest)]
    [InlineData(ReviewSort.Top)]
    public async Task Documents_that_lack_what_a_page_is_sorted_by_come_last_and_once(ReviewSort sort)
    {
        var title = Samples.Id();
        for (var i = 0; i < 9; i++)
        {
            var document = new BsonDocument { ["content_id"] = title.ToString(), ["user_id"] = Samples.Id().ToString(), ["rating"] = i };
            if (i % 2 == 0)
                document.AddRange(new BsonDocument { ["likes_count"] = i / 4, ["created_at"] = new BsonDateTime(i / 4) });

            await Mongo.Documents.InsertOneAsync(document, null, Cancel);
        }

        var read = new List<Review>();
        PageCursor? after = null;
        do
        {
            var page = await Store.GetPageAsync(title, sort, 2, after, Cancel);
            read.AddRange(page.Reviews);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal([8, 6, 4, 2, 0, 7, 5, 3, 1], read.Select(review => review.Rating));
    }

    [Fact]
    public async Task Other_programs_cannot_add_a_second_review_of_a_person_either()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        await Store.UpsertAsync(title, new ReviewDraft(user, 8, null, IsSpoiler: false), Cancel);

        var refused = await Assert.ThrowsAsync<MongoWriteException>(() => Mongo.Documents.InsertOneAsync(
            new BsonDocument { ["content_id"] = title.ToString(), ["user_id"] = user.ToString(), ["rating"] = 1 }, null, Cancel));

        Assert.Equal(ServerErrorCategory.DuplicateKey, refused.WriteError.Category);
    }

    [Fact]
    public async Task Reviews_go_on_where_another_program_has_left_two_of_one_person()
    {
        var (title, user) = (Samples.Id(), Samples.Id());
        for (var i = 0; i < 2; i++)
        {
            await Mongo.Documents.InsertOneAsync(
                new BsonDocument { ["content_id"] = title.ToString(), ["user_id"] = user.ToString(), ["rating"] = 1.0 }, null, Cancel);
        }

        await Store.UpsertAsync(title, new ReviewDraft(Samples.Id(), 8, null, IsSpoiler: false), Cancel);

        Assert.Equal(new RatingTotals(3, 10), await Store.GetTotalsAsync(title, Cancel));
        // The indexes beside the one that cannot be made are there.
        var again = await Mongo.Documents.Database.RunCommandAsync<BsonDocument>(
            BsonDocument.Parse("{ createIndexes: 'reviews', indexes: [{ key: { content_id: 1, rating: -1, _id: -1 }, name: 'reviews_by_rating' }] }"), null, Cancel);
        Assert.Equal((5, 5), (again["numIndexesBefore"].ToInt32(), again["numIndexesAfter"].ToInt32()));
    }

    [Fact]
    public async Task A_call_that_is_given_up_ends_as_such()
    {
        using var givenUp = new CancellationTokenSource();
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetTotalsAsync(Samples.Id(), givenUp.Token));
        Assert.Equal(new RatingTotals(0, 0), await Store.GetTotalsAsync(Samples.Id(), Cancel));
    }
}
