using MongoDB.Bson;
using MongoDB.Driver;
using Streaming.Storage.Servers;
using Streaming.Tests.MongoDouble;

namespace Streaming.Tests.Reviews;

/// <summary>The double of MongoDB itself, by the real driver: what it knows is right, and what it does not know it refuses.</summary>
public sealed class MongoDoubleTests : IAsyncLifetime
{
    private readonly MongoDoubleServer server = MongoDoubleServer.Start();
    private readonly IMongoDatabase database;

    public MongoDoubleTests() => database = ServerConnections.OpenMongo($"mongodb://127.0.0.1:{server.Port}/test");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IMongoCollection<BsonDocument> Things => database.GetCollection<BsonDocument>("things");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        database.Client.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("{ buildInfo: 1 }")]
    [InlineData("{ hello: 1 }")]
    public async Task It_says_that_it_is_a_double(string command) =>
        Assert.True((await RunAsync(command))["double"].AsBoolean);

    [Theory]
    [InlineData("{ listCollections: 1 }", 59, "listCollections")]
    [InlineData("{ find: 'things', filter: { a: { $regex: 'x' } } }", 2, "RegularExpression")]
    [InlineData("{ find: 'things', filter: { a: { $not: { $eq: 1 } } } }", 2, "$not")]
    [InlineData("{ find: 'things', filter: { $where: 'true' } }", 2, "$where")]
    [InlineData("{ find: 'things', filter: { 'a.b': 1 } }", 2, "a.b")]
    [InlineData("{ find: 'things', filter: { a: [1] } }", 2, "Array")]
    [InlineData("{ find: 'things', projection: { a: 1 } }", 40415, "projection")]
    [InlineData("{ find: 'things', sort: { a: 2 } }", 2, "2")]
    [InlineData("{ findAndModify: 'things', query: {}, update: { $push: { a: 1 } } }", 9, "$push")]
    [InlineData("{ findAndModify: 'things', query: {}, update: { a: 1 } }", 2, "operators only")]
    [InlineData("{ aggregate: 'things', pipeline: [{ $lookup: {} }], cursor: {} }", 40324, "$lookup")]
    [InlineData("{ aggregate: 'things', pipeline: [{ $group: { _id: null, m: { $avg: '$a' } } }], cursor: {} }", 15952, "$sum")]
    [InlineData("{ createIndexes: 'things', indexes: [{ key: { a: 1 }, name: 'a', sparse: true }] }", 40415, "sparse")]
    public async Task What_it_does_not_know_it_refuses_by_name(string command, int code, string named)
    {
        await Things.InsertOneAsync(new BsonDocument("a", 1), null, Cancel);
        var refused = await Assert.ThrowsAsync<MongoCommandException>(() => RunAsync(command));
        Assert.Equal(code, refused.Code);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unique_index_holds_for_inserts_updates_and_upserts()
    {
        await Things.Indexes.CreateOneAsync(
            new CreateIndexModel<BsonDocument>(BsonDocument.Parse("{ a: 1, b: 1 }"), new CreateIndexOptions { Unique = true }), cancellationToken: Cancel);
        await Things.InsertManyAsync([Parse("{ _id: 1, a: 1, b: 'x' }"), Parse("{ _id: 2, a: 1, b: 'y' }")], null, Cancel);

        var insert = await Assert.ThrowsAsync<MongoWriteException>(() => Things.InsertOneAsync(Parse("{ a: 1.0, b: 'x' }"), null, Cancel));
        Assert.Equal(11000, insert.WriteError.Code);
        var update = await Assert.ThrowsAsync<MongoWriteException>(
            () => Things.UpdateOneAsync(Parse("{ _id: 2 }"), Parse("{ $set: { b: 'x' } }"), null, Cancel));
        Assert.Equal(11000, update.WriteError.Code);
        var upsert = await Assert.ThrowsAsync<MongoCommandException>(
            () => RunAsync("{ findAndModify: 'things', query: { c: 1 }, update: { $set: { a: 1, b: 'y' } }, upsert: true }"));
        Assert.Equal(11000, upsert.Code);
        await Assert.ThrowsAsync<MongoWriteException>(() => Things.InsertOneAsync(Parse("{ _id: 1 }"), null, Cancel));

        Assert.Equal(["x", "y"], (await FindAsync("{}")).Select(thing => thing["b"].AsString).Order());
        await Things.DeleteOneAsync(Parse("{ _id: 1 }"), Cancel);
        await Things.InsertOneAsync(Parse("{ a: 1, b: 'x' }"), null, Cancel);
    }

    [Fact]
    public async Task A_unique_index_over_duplicates_is_not_made()
    {
        await Things.InsertManyAsync([Parse("{ a: 1 }"), Parse("{ a: 1.0 }")], null, Cancel);
        var refused = await Assert.ThrowsAsync<MongoCommandException>(
            () => RunAsync("{ createIndexes: 'things', indexes: [{ key: { a: 1 }, name: 'a', unique: true }] }"));
        Assert.Equal(11000, refused.Code);
        await Things.InsertOneAsync(Parse("{ a: 1 }"), null, Cancel);
    }

    [Theory]
    [InlineData("{ a: 2 }", "int double")]
    [InlineData("{ a: { $lt: 3 } }", "int double one")]
    [InlineData("{ a: { $gte: 2 } }", "int double three")]
    [InlineData("{ a: { $ne: 2 } }", "one three text none null")]
    [InlineData("{ a: null }", "none null")]
    [InlineData("{ a: { $gt: 'a' } }", "text")]
    [InlineData("{ a: { $in: [1, 3] } }", "one three")]
    [InlineData("{ $or: [{ a: 1 }, { a: 'b', n: 'text' }] }", "one text")]
    [InlineData("{ $and: [{ a: { $gt: 1 } }, { a: { $lte: 2 } }] }", "int double")]
    public async Task A_filter_meets_values_as_MongoDB_compares_them(string filter, string names)
    {
        await Things.InsertManyAsync(
            [
                Parse("{ n: 'int', a: 2 }"), Parse("{ n: 'double', a: 2.0 }"), Parse("{ n: 'one', a: 1 }"), Parse("{ n: 'three', a: 3 }"),
                Parse("{ n: 'text', a: 'b' }"), Parse("{ n: 'none' }"), Parse("{ n: 'null', a: null }"),
            ],
            null,
            Cancel);
        Assert.Equal(names.Split(' ').Order(), (await FindAsync(filter)).Select(thing => thing["n"].AsString).Order());
    }

    [Fact]
    public async Task Sorted_documents_come_in_batches_and_once()
    {
        await Things.InsertManyAsync(Enumerable.Range(0, 500).Select(i => new BsonDocument { ["a"] = i % 7, ["b"] = i }), null, Cancel);

        var found = await Things.Find(new BsonDocument(), new FindOptions { BatchSize = 60 })
            .Sort(BsonDocument.Parse("{ a: -1, b: 1 }")).Limit(450).ToListAsync(Cancel);

        var expected = Enumerable.Range(0, 500).OrderByDescending(i => i % 7).ThenBy(i => i).Take(450);
        Assert.Equal(expected, found.Select(thing => thing["b"].AsInt32));
    }

    [Fact]
    public async Task Updates_change_what_they_name()
    {
        await Things.InsertOneAsync(Parse("{ _id: 1, a: 1, b: 1 }"), null, Cancel);
        await Things.UpdateOneAsync(Parse("{ _id: 1 }"), Parse("{ $inc: { a: 2, c: 5 }, $unset: { b: '' }, $set: { d: 'x' }, $setOnInsert: { e: 1 } }"), null, Cancel);
        Assert.Equal(Parse("{ _id: 1, a: 3, c: 5, d: 'x' }"), Assert.Single(await FindAsync("{}")));

        var added = await RunAsync("{ findAndModify: 'things', query: { a: 9 }, update: { $set: { d: 'y' }, $setOnInsert: { e: 1 } }, upsert: true, new: true }");
        Assert.Equal((9, "y", 1), (added["value"]["a"].AsInt32, added["value"]["d"].AsString, added["value"]["e"].AsInt32));
        Assert.Equal(BsonType.ObjectId, added["value"]["_id"].BsonType);
    }

    [Fact]
    public async Task Groups_count_and_add_up()
    {
        await Things.InsertManyAsync([Parse("{ a: 1, b: 2 }"), Parse("{ a: 1, b: 2.5 }"), Parse("{ a: 2, b: 'x' }"), Parse("{ a: 3 }")], null, Cancel);
        var answer = await RunAsync(
            "{ aggregate: 'things', pipeline: [{ $match: { a: { $lt: 3 } } }, { $group: { _id: '$a', n: { $sum: 1 }, s: { $sum: '$b' } } }], cursor: {} }");
        Assert.Equal(
            [Parse("{ _id: 1, n: 2, s: 4.5 }"), Parse("{ _id: 2, n: 1, s: 0 }")],
            answer["cursor"]["firstBatch"].AsBsonArray.OrderBy(group => group["_id"]).Select(group => group.AsBsonDocument));
    }

    private static BsonDocument Parse(string json) => BsonDocument.Parse(json);

    private Task<BsonDocument> RunAsync(string command) => database.RunCommandAsync<BsonDocument>(Parse(command), null, Cancel);

    private Task<List<BsonDocument>> FindAsync(string filter) => Things.Find(Parse(filter)).ToListAsync(Cancel);
}
