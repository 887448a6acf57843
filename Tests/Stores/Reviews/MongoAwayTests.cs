using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MongoDB.Driver;
using Streaming.Reviews;
using Streaming.Storage.Servers;
using Streaming.Tests.MongoDouble;
using Streaming.Tests.Processes;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Reviews;

/// <summary>The review store while its server is away and when it is back; always on the double, which can be stopped.</summary>
public sealed class MongoAwayTests : IAsyncLifetime
{
    private readonly Samples samples = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));
    private readonly MongoDoubleData data = new();
    private readonly int port = LoopbackPort.Take();
    private readonly IMongoDatabase database;
    private readonly MongoReviewStore store;
    private MongoDoubleServer? server;

    public MongoAwayTests()
    {
        database = ServerConnections.OpenMongo($"mongodb://127.0.0.1:{port}/streaming_test");
        store = new MongoReviewStore(database, clock, NullLogger<MongoReviewStore>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        database.Client.Dispose();
        await StopAsync();
    }

    [Fact]
    public async Task Every_call_fails_as_unavailable_and_names_no_host()
    {
        var (title, draft) = (samples.Id(), new ReviewDraft(samples.Id(), 5, null, IsSpoiler: false));
        Func<Task>[] calls =
        [
            () => store.UpsertAsync(title, draft, Cancel),
            () => store.GetPageAsync(title, ReviewSort.Newest, 10, null, Cancel),
            () => store.GetTotalsAsync(title, Cancel),
            () => store.GetOverallTotalsAsync(Cancel),
        ];
        foreach (var call in calls)
        {
            var failure = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.DoesNotContain("127.0.0.1", failure.Message, StringComparison.Ordinal);
            clock.Advance(MongoReviewStore.Pause);
        }
    }

    [Fact]
    public async Task After_a_failure_calls_fail_at_once()
    {
        await FailsAsync();

        var second = store.GetTotalsAsync(samples.Id(), Cancel);

        Assert.True(second.IsFaulted);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
    }

    [Fact]
    public async Task While_one_call_tries_again_the_others_do_not_wait_for_it()
    {
        await FailsAsync();
        clock.Advance(MongoReviewStore.Pause);
        var trying = store.GetTotalsAsync(samples.Id(), Cancel);

        await FailsAsync();

        Assert.False(trying.IsCompleted);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => trying);
    }

    [Fact]
    public async Task A_try_that_its_caller_gives_up_lets_no_others_wait_for_the_server()
    {
        await FailsAsync();
        clock.Advance(MongoReviewStore.Pause);
        using var hangUp = new CancellationTokenSource();
        var given = store.GetTotalsAsync(samples.Id(), hangUp.Token);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        clock.Advance(MongoReviewStore.Pause);
        var trying = store.GetTotalsAsync(samples.Id(), Cancel);
        await FailsAsync();

        Assert.False(trying.IsCompleted);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => trying);
    }

    [Fact]
    public async Task The_store_is_back_with_its_reviews_when_the_server_is()
    {
        Start();
        var title = samples.Id();
        await store.UpsertAsync(title, new ReviewDraft(samples.Id(), 5, null, IsSpoiler: false), Cancel);
        await StopAsync();
        await FailsAsync();

        Start();
        await UntilBackAsync();

        Assert.Equal(new RatingTotals(1, 5), await store.GetTotalsAsync(title, Cancel));
    }

    [Fact]
    public async Task A_server_that_comes_back_empty_gets_its_indexes_again()
    {
        Start();
        await store.UpsertAsync(samples.Id(), new ReviewDraft(samples.Id(), 5, null, IsSpoiler: false), Cancel);
        await StopAsync();
        await FailsAsync();

        server = MongoDoubleServer.Start(port);
        await UntilBackAsync();

        var (title, user) = (samples.Id(), samples.Id());
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(
            () => store.UpsertAsync(title, new ReviewDraft(user, 1 + (i % 10), null, IsSpoiler: false), Cancel), Cancel)));
        Assert.Equal(1, (await store.GetTotalsAsync(title, Cancel)).Count);
    }

    private void Start() => server = MongoDoubleServer.Start(port, data);

    private async Task StopAsync()
    {
        if (server is not null)
            await server.DisposeAsync();

        server = null;
    }

    private Task<StoreUnavailableException> FailsAsync() => Assert.ThrowsAsync<StoreUnavailableException>(() => store.GetTotalsAsync(samples.Id(), Cancel));

    private Task UntilBackAsync() => Poll.UntilAsync(async () =>
    {
        clock.Advance(MongoReviewStore.Pause);
        try
        {
            await store.GetTotalsAsync(samples.Id(), Cancel);
            return null;
        }
        catch (StoreUnavailableException e)
        {
            return e.Message;
        }
    });
}
