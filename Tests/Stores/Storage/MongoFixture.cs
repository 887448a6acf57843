using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MongoDB.Bson;
using MongoDB.Driver;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Storage.Servers;
using Streaming.Tests.MongoDouble;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>
/// The review store of the servers family alone, by a clock that stands still, in a database of its own: on the server
/// that STREAMING_TEST_MONGODB names, and otherwise on the double in this process.
/// </summary>
public sealed class MongoFixture : StoreFixture
{
    private readonly MongoDoubleServer? server;
    private readonly IMongoDatabase database;

    public MongoFixture()
    {
        server = TestServers.HasMongo ? null : MongoDoubleServer.Start();
        var url = new MongoUrlBuilder(server is null ? TestServers.Mongo : $"mongodb://127.0.0.1:{server.Port}/streaming_test");
        url.DatabaseName = $"{url.DatabaseName}_{Guid.NewGuid():N}"[..40];
        database = ServerConnections.OpenMongo(url.ToString());
        Reviews = new MongoReviewStore(database, Clock, NullLogger<MongoReviewStore>.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));

    public override IReviewStore Reviews { get; }

    public override IContentStore Content => throw new NotSupportedException();

    public override IUserStore Users => throw new NotSupportedException();

    public override IAccountStore Accounts => throw new NotSupportedException();

    public override ISessionStore Sessions => throw new NotSupportedException();

    public override IAccessStore Access => throw new NotSupportedException();

    public override IKeyRingStore KeyRing => throw new NotSupportedException();

    public override IActivityStore Activity => throw new NotSupportedException();

    public override IActivityBatchStore ActivityBatches => throw new NotSupportedException();

    public override IWatchTimeStore WatchTime => throw new NotSupportedException();

    public override ITrendingStore Trending => throw new NotSupportedException();

    public override IViewJournal Journal => throw new NotSupportedException();

    public override ILogStore Logs => throw new NotSupportedException();

    public override IVideoStore Videos => throw new NotSupportedException();

    public override IVideoListStore VideoLists => throw new NotSupportedException();

    public override IVideoRemovalStore VideoRemovals => throw new NotSupportedException();

    public override IVideoInspectionStore VideoInspections => throw new NotSupportedException();

    public override IQuotaStore Quotas => throw new NotSupportedException();

    public override DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>The reviews as other programs see them.</summary>
    internal IMongoCollection<BsonDocument> Documents => database.GetCollection<BsonDocument>("reviews");

    public override Task OpenAsync() => Task.CompletedTask;

    public override Task AdvanceAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    public override IViewJournal ReopenJournal() => throw new NotSupportedException();

    public override Task<Func<Task>> KeepJournalRowsAsync(string writerId) => throw new NotSupportedException();

    public override Task AddTitleAsync(ContentDocument title) => throw new NotSupportedException();

    public override Task AddUserAsync(Guid userId, string username) => throw new NotSupportedException();

    public override Task SetRoleAsync(Guid userId, string role) => throw new NotSupportedException();

    public override Task<Func<Task>> RefuseHistoryAtAsync(int lastPosition) => throw new NotSupportedException();

    public override Task SetLikesAsync(string reviewId, int likes) => Documents.UpdateOneAsync(
        new BsonDocument("_id", ObjectId.Parse(reviewId)), new BsonDocument("$set", new BsonDocument("likes_count", likes)));

    public override async ValueTask DisposeAsync()
    {
        await database.Client.DropDatabaseAsync(database.DatabaseNamespace.DatabaseName);
        database.Client.Dispose();
        if (server is not null)
            await server.DisposeAsync();
    }
}
