using Microsoft.Extensions.DependencyInjection;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>Downloads on their way through the ledger of a silo; see the heartbeats' tests for sessions.</summary>
public sealed class ActivityLedgerTests : IAsyncLifetime
{
    private static readonly DateOnly Day = new(2026, 3, 14);

    private readonly EmbeddedFixture stores = new();
    private SiloFixture silo = null!;
    private ActivityDouble batches = null!;
    private Guid user;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ActivityLedger Ledger => silo.Services.GetRequiredService<ActivityLedger>();

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        batches = new ActivityDouble(stores.ActivityBatches);
        silo = await SiloFixture.StartAsync(stores, activity: batches);
        user = await silo.AddUserAsync();
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task What_many_callers_counted_is_there_when_they_are_told()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 100).Select(bytes => Task.Run(() => CountAsync(bytes), Cancel)));

        Assert.All(outcomes, outcome => Assert.Equal(Outcome.Committed, outcome));
        Assert.Equal(5_050, await DownloadedAsync());
    }

    [Fact]
    public async Task A_count_whose_answer_is_lost_is_repeated_and_counts_once()
    {
        var losses = 2;
        batches.AfterWrite = () =>
        {
            if (losses-- > 0)
                throw new StoreUnavailableException("The answer is lost.", new IOException());
        };

        Assert.Equal(Outcome.Committed, await CountAsync(7));
        Assert.Equal(7, await DownloadedAsync());
    }

    [Fact]
    public async Task A_refused_count_is_told_and_the_next_one_counts()
    {
        batches.BeforeWrite = () => throw new StoreRefusedException("The disk is full.", new IOException());
        Assert.Equal(Outcome.Refused, await CountAsync(7));

        batches.BeforeWrite = null;
        Assert.Equal(Outcome.Committed, await CountAsync(1));
        Assert.Equal(1, await DownloadedAsync());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => CountAsync(-1));
    }

    private Task<Outcome> CountAsync(long bytes) => Ledger.WriteAsync(new DownloadedBytes(user, Day, bytes));

    private async Task<long> DownloadedAsync() => (await stores.Quotas.GetUsageAsync(user, Day, [], Cancel))!.DownloadedBytes;
}
