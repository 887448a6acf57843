using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Reviews;
using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Videos;

namespace Streaming.Tests;

/// <summary>Callers of grains that give up while a store hangs. Not of stateless workers, to which Orleans does not deliver that.</summary>
public sealed class CancelledReadTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly HangingReads reviews = new(nameof(IReviewStore.GetPageAsync), () => Task.FromResult(new ReviewPage([], null)));
    private readonly HangingReads sessions = new(nameof(ISessionStore.ListAsync), () => Task.FromResult<IReadOnlyList<SessionInfo>>([]));
    private readonly HangingReads videos = new(nameof(IVideoStore.FindAsync), () => Task.FromResult<Video?>(null));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Caller_that_gives_up_ends_the_read_of_the_store_and_the_grain_goes_on()
    {
        var stores = new EmbeddedFixture();
        await stores.OpenAsync();
        await using var silo = await SiloFixture.StartAsync(stores, configure: silo =>
        {
            silo.Services.AddSingleton(reviews.Of<IReviewStore>());
            silo.Services.AddSingleton(sessions.Of<ISessionStore>());
            silo.Services.AddSingleton(videos.Of<IVideoStore>());
        });
        var id = silo.Samples.Id();

        await EndsAsync(reviews, caller => silo.Grains.GetGrain<IReviewsGrain>(id).GetPageAsync(ReviewSort.Newest, 10, null, caller));
        await EndsAsync(sessions, caller => silo.Grains.GetGrain<IAccountGrain>(id).ListSessionsAsync(caller));
        await EndsAsync(videos, caller => silo.Grains.GetGrain<IVideoGrain>(id).GetAsync(caller));
    }

    private static async Task EndsAsync(HangingReads reads, Func<CancellationToken, Task> call)
    {
        using var caller = new CancellationTokenSource();
        var read = call(caller.Token);
        await reads.Begun.WaitAsync(LongEnough, Cancel);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(LongEnough, Cancel));
        await reads.GivenUp.WaitAsync(LongEnough, Cancel);
        await call(Cancel);
    }

    /// <summary>Reads of a store, the first of which ends only when its token does.</summary>
    private sealed class HangingReads(string method, Func<Task> answer)
    {
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => begun.Task;

        public Task GivenUp => givenUp.Task;

        public T Of<T>()
            where T : class => Doubled.Of<T>((called, arguments) =>
            called.Name != method ? throw new NotSupportedException(called.Name)
            : begun.Task.IsCompleted ? answer()
            : HangAsync((dynamic)answer(), (CancellationToken)arguments[^1]!));

        private async Task<T> HangAsync<T>(Task<T> _, CancellationToken cancellationToken)
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                givenUp.SetResult();
            }

            throw new UnreachableException();
        }
    }
}
