using Microsoft.Extensions.DependencyInjection;
using Streaming.Ledger;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Ledger;

/// <summary>A silo that lets its titles go: all before it stops, some to one that joins.</summary>
public sealed class LeavingLedgerTests
{
    private static readonly (string, string) NeverApply = ("Ledger:ApplyIntervalMilliseconds", "60000");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_ledger_that_leaves_takes_no_more_views_and_applies_those_that_it_took()
    {
        await using var silo = await SiloFixture.StartAsync(settings: NeverApply);
        var title = await silo.AddTitleAsync();
        await silo.Recorder.RecordAsync(title, 5, null);
        var ledger = await LedgerAsync(silo, title);

        await silo.Services.GetRequiredService<ViewLedger>().LeaveAsync(Cancel);

        Assert.Equal(5, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
        var ticket = await ledger.RecordAsync(new LedgerViews([title], [1], []));
        Assert.False(ticket.Busy);
        Assert.Equal([0], ticket.Elsewhere);
        // A whole request is one call, which ends before its grain does.
        Assert.Equal(Outcome.Committed, (await silo.Batches.RecordAsync(new ViewBatchRequest([title], [2], null, null))).Outcome);
        await silo.StopAsync();
        Assert.Equal(7, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_title_that_moves_goes_once_its_views_are_applied_and_others_stay()
    {
        await using var silo = await SiloFixture.StartAsync(settings: NeverApply);
        var (title, other) = (await silo.AddTitleAsync(), await silo.AddTitleAsync());
        await silo.Recorder.RecordAsync(title, 5, null);
        await silo.Recorder.RecordAsync(other, 3, null);
        var own = silo.Services.GetRequiredService<ViewLedger>();
        Assert.Equal(new[] { title, other }.Order(), own.Titles.Order());

        await own.MoveAsync([title], Cancel);

        Assert.Equal(5, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
        Assert.Equal([0], (await (await LedgerAsync(silo, title)).RecordAsync(new LedgerViews([title, other], [1, 1], []))).Elsewhere);
        await silo.Content(title).MoveAsync(silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress);
        // By its next activation.
        Assert.Equal(new RecordResult(Outcome.Committed, 7), await silo.Recorder.RecordAsync(title, 2, null));
    }

    [Fact]
    public async Task A_title_that_did_not_go_takes_views_again()
    {
        await using var silo = await SiloFixture.StartAsync();
        var title = await silo.AddTitleAsync();
        await silo.Recorder.RecordAsync(title, 5, null);
        var own = silo.Services.GetRequiredService<ViewLedger>();
        await own.MoveAsync([title], Cancel);

        own.Stay(title);

        Assert.Equal(new RecordResult(Outcome.Committed, 6), await silo.Recorder.RecordAsync(title, 1, null));
    }

    [Fact]
    public async Task A_ledger_that_leaves_waits_for_those_who_have_not_asked_what_became_of_their_views()
    {
        await using var silo = await SiloFixture.StartAsync(settings: NeverApply);
        var title = await silo.AddTitleAsync();
        var ledger = await LedgerAsync(silo, title);
        var ticket = await ledger.RecordAsync(new LedgerViews([title], [1], []));

        var leaving = silo.Services.GetRequiredService<ViewLedger>().LeaveAsync(Cancel);
        // Answered once what was taken is applied, for the title's next activation to find it.
        var moved = silo.Content(title).GetLedgerAsync().AsTask();
        Assert.Equal([0], (await ledger.RecordAsync(new LedgerViews([title], [1], []))).Elsewhere);
        Assert.False(leaving.IsCompleted || moved.IsCompleted);

        Assert.Equal([Outcome.Committed], await ledger.WaitAsync([ticket.Batch]));
        await leaving;
        await moved;
        Assert.Equal(1, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_title_stays_while_no_other_silo_could_read_its_total()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        await silo.Recorder.RecordAsync(title, 5, null);
        journal.BeforeGetTotals = () => throw new StoreUnavailableException("The database is away.", new IOException());

        await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Services.GetRequiredService<ViewLedger>().MoveAsync([title], Cancel));

        Assert.Equal(new RecordResult(Outcome.Committed, 6), await silo.Recorder.RecordAsync(title, 1, null));
    }

    [Fact]
    public async Task A_title_whose_views_are_not_applied_in_time_stays()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        var (begun, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        journal.AfterApply = () =>
        {
            begun.TrySetResult();
            return go.Task;
        };
        await silo.Recorder.RecordAsync(title, 5, null);
        await begun.Task.WaitAsync(Cancel);
        using var stop = new CancellationTokenSource();

        var moving = silo.Services.GetRequiredService<ViewLedger>().MoveAsync([title], stop.Token);
        Assert.False(moving.IsCompleted);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => moving);
        Assert.Equal(new RecordResult(Outcome.Committed, 6), await silo.Recorder.RecordAsync(title, 1, null));
        go.SetResult();
        await silo.UntilAppliedAsync(title, 6);
    }

    private static async Task<ILedgerGrain> LedgerAsync(SiloFixture silo, Guid title) =>
        silo.Grains.GetGrain<ILedgerGrain>((await silo.Content(title).GetLedgerAsync())!);
}
