using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Ledger;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Ledger;

/// <summary>The ledger in a silo when its journal fails, falls behind, or the silo ends.</summary>
public sealed class ViewLedgerTests
{
    private static readonly (string, string) NeverApply = ("Ledger:ApplyIntervalMilliseconds", "60000");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refused_append_records_nothing_and_leaves_the_live_total()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var (title, receipt) = (await silo.AddTitleAsync(), silo.Samples.Id());
        await silo.Recorder.RecordAsync(title, 5, null);

        journal.BeforeAppend = () => throw new StoreRefusedException("The disk is full.", new IOException());
        Assert.Equal(new RecordResult(Outcome.Refused), await silo.Recorder.RecordAsync(title, 1, null));
        Assert.Equal(new RecordResult(Outcome.Refused), await silo.Recorder.RecordAsync(title, 3, receipt));
        var batch = await silo.Batches.RecordAsync(new ViewBatchRequest([title], [9], null, null));
        Assert.Equal((false, Outcome.Refused), (batch.Busy, batch.Outcome));
        Assert.Equal(5, await silo.LiveAsync(title));

        // The key is free again, even for another count.
        journal.BeforeAppend = null;
        Assert.Equal(new RecordResult(Outcome.Committed, 9), await silo.Recorder.RecordAsync(title, 4, receipt));
        await silo.UntilAppliedAsync(title, 9);
    }

    [Fact]
    public async Task An_append_whose_answer_is_lost_is_repeated_and_counts_once()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        var losses = 2;
        journal.AfterAppend = () =>
        {
            if (losses-- > 0)
                throw new StoreUnavailableException("The answer is lost.", new IOException());
        };

        Assert.Equal(new RecordResult(Outcome.Committed, 5), await silo.Recorder.RecordAsync(title, 5, null));

        Assert.Equal(3, journal.Appends);
        await silo.UntilAppliedAsync(title, 5);
        Assert.Equal(5, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task A_ledger_that_was_taken_over_takes_nothing_more_and_stops_its_program()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        var host = silo.Services.GetRequiredService<IHostApplicationLifetime>();
        journal.BeforeAppend = () => throw new WriterGoneException("this one");
        try
        {
            Assert.Equal(new RecordResult(Outcome.Refused), await silo.Recorder.RecordAsync(title, 1, null));
            var appends = journal.Appends;
            Assert.True(host.ApplicationStopping.IsCancellationRequested);

            Assert.Equal(new RecordResult(Outcome.Refused), await silo.Recorder.RecordAsync(title, 1, null));
            Assert.Equal(appends, journal.Appends);
        }
        finally
        {
            Environment.ExitCode = 0;
        }
    }

    [Fact]
    public async Task A_batch_of_unknown_outcome_stays_unknown_when_the_writer_was_taken_over()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        journal.AfterAppend = () =>
        {
            journal.BeforeAppend = () => throw new WriterGoneException("this one");
            throw new StoreUnavailableException("The answer is lost.", new IOException());
        };
        try
        {
            Assert.Equal(new RecordResult(Outcome.Unknown), await silo.Recorder.RecordAsync(title, 5, null));
        }
        finally
        {
            Environment.ExitCode = 0;
        }
    }

    [Fact]
    public async Task A_writer_whose_silo_is_gone_is_taken_over_while_this_one_runs()
    {
        await using var silo = await SiloFixture.StartAsync(settings: ("Ledger:SweepIntervalSeconds", "1"));
        var title = await silo.AddTitleAsync();
        var dead = silo.Stores.ReopenJournal();
        await dead.OpenWriterAsync("127.0.0.1:1@1", Cancel);
        dead.Append("127.0.0.1:1@1", 1, new JournalEntries([title], [7], []));

        await silo.UntilAppliedAsync(title, 7);
        await Poll.UntilAsync(async () => (await dead.ListWritersAsync(Cancel)).Count == 1 ? null : "the dead writer is still listed");
    }

    [Fact]
    public async Task A_total_that_another_silo_moved_is_read_again_when_it_tells()
    {
        await using var silo = await SiloFixture.StartAsync();
        var title = await silo.AddTitleAsync();
        await silo.Recorder.RecordAsync(title, 1, null);
        await silo.UntilAppliedAsync(title, 1);
        var other = silo.Stores.ReopenJournal();
        await other.OpenWriterAsync("127.0.0.1:1@1", Cancel);
        other.Append("127.0.0.1:1@1", 1, new JournalEntries([title], [7], []));
        await other.CloseWriterAsync("127.0.0.1:1@1", Cancel);
        Assert.Equal(1, await silo.LiveAsync(title));

        await (await LedgerAsync(silo, title)).TotalsMovedAsync([title]);

        await Poll.UntilAsync(async () => await silo.LiveAsync(title) is 8 ? null : "the live total is the old one");
    }

    [Fact]
    public async Task A_duplicate_waits_for_the_commit_of_its_original()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var (title, receipt) = (await silo.AddTitleAsync(), silo.Samples.Id());
        using var begun = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        journal.BeforeAppend = () =>
        {
            begun.Release();
            go.Wait(TimeSpan.FromSeconds(30));
        };
        var original = silo.Recorder.RecordAsync(title, 2, receipt).AsTask();
        await begun.WaitAsync(Cancel);

        var ledger = await LedgerAsync(silo, title);
        var ticket = await ledger.RecordAsync(new LedgerViews([title], [2], [receipt]));
        var outcome = ledger.WaitAsync([ticket.Batch]);
        Assert.False(original.IsCompleted || outcome.IsCompleted);

        go.Release();
        Assert.Equal(Outcome.Committed, (await original).Outcome);
        Assert.Equal([Outcome.Committed], await outcome);
        Assert.Equal(1, journal.Appends);
    }

    [Fact]
    public async Task A_ledger_that_is_behind_takes_no_more_until_it_has_applied()
    {
        await using var silo = await SiloFixture.StartAsync(settings: [NeverApply, ("Ledger:MaxUnappliedEntries", "1000")]);
        var title = await silo.AddTitleAsync();
        var receipts = Enumerable.Range(0, 1001).Select(_ => silo.Samples.Id()).ToArray();
        var request = new ViewBatchRequest([.. receipts.Select(_ => title)], [.. receipts.Select(_ => 1)], receipts, null);
        Assert.Equal(Outcome.Committed, (await silo.Batches.RecordAsync(request)).Outcome);

        Assert.Equal(new RecordResult(Outcome.Refused), await silo.Recorder.RecordAsync(title, 1, null));
        Assert.True((await (await LedgerAsync(silo, title)).RecordAsync(new LedgerViews([title], [1], []))).Busy);
        Assert.True((await silo.Batches.RecordAsync(request)).Busy);
        Assert.Equal(1001, await silo.LiveAsync(title));

        // What it took is applied at the latest when the silo stops.
        await silo.StopAsync();
        Assert.Equal(1001, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_silo_that_stops_applies_all_and_closes_its_writer()
    {
        await using var silo = await SiloFixture.StartAsync(settings: NeverApply);
        var title = await silo.AddTitleAsync();
        Assert.Single(await silo.Stores.Journal.ListWritersAsync(Cancel));
        await silo.Recorder.RecordAsync(title, 5, null);

        await silo.StopAsync();

        Assert.Equal(5, await silo.Stores.Journal.GetTotalAsync(title, Cancel));
        Assert.Empty(await silo.Stores.Journal.ListWritersAsync(Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_on_the_same_folder_keeps_every_acknowledged_view_and_receipt(bool killed)
    {
        using var folder = new TemporaryFolder();
        var acknowledged = new List<(Guid Title, int Count, Guid? Receipt)>();
        await using (var first = await SiloFixture.StartAsync(new EmbeddedFixture(folder), settings: NeverApply))
        {
            var titles = new[] { await first.AddTitleAsync(), await first.AddTitleAsync(), await first.AddTitleAsync() };
            var views = Enumerable.Range(0, 300).Select(i => (
                Title: titles[i % 3],
                Count: first.Samples.Number(1, 9),
                Receipt: i % 4 == 0 ? first.Samples.Id() : (Guid?)null)).ToArray();
            var results = await Task.WhenAll(views.Select(view => Task.Run(
                () => first.Recorder.RecordAsync(view.Title, view.Count, view.Receipt).AsTask(), Cancel)));
            Assert.All(results, result => Assert.Equal(Outcome.Committed, result.Outcome));
            acknowledged.AddRange(views);
            if (killed)
                await first.KillAsync();
        }

        await using var second = await SiloFixture.StartAsync(new EmbeddedFixture(folder));
        var totals = acknowledged.GroupBy(view => view.Title).ToDictionary(group => group.Key, group => group.Sum(view => (long)view.Count));
        foreach (var (title, total) in totals)
            Assert.Equal(total, await second.LiveAsync(title));

        foreach (var view in acknowledged.Where(view => view.Receipt is not null))
            Assert.Equal(Outcome.Committed, (await second.Recorder.RecordAsync(view.Title, view.Count, view.Receipt)).Outcome);

        await second.StopAsync();
        foreach (var (title, total) in totals)
            Assert.Equal(total, await second.Stores.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task The_live_total_is_exact_again_when_a_key_from_before_the_restart_was_repeated()
    {
        using var folder = new TemporaryFolder();
        Guid title, receipt;
        await using (var first = await SiloFixture.StartAsync(new EmbeddedFixture(folder)))
        {
            (title, receipt) = (await first.AddTitleAsync(), first.Samples.Id());
            await first.Recorder.RecordAsync(title, 3, receipt);
        }

        await using var second = await SiloFixture.StartAsync(new EmbeddedFixture(folder));
        await second.Recorder.RecordAsync(title, 3, receipt);
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await second.LiveAsync(title) != 3)
            giveUp.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task An_activation_in_the_middle_of_an_apply_does_not_count_its_views_twice()
    {
        var (silo, journal) = await JournalDouble.StartSiloAsync();
        await using var _ = silo;
        var title = await silo.AddTitleAsync();
        var committed = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        journal.AfterApply = () =>
        {
            committed.TrySetResult();
            return go.Task;
        };
        await silo.Batches.RecordAsync(new ViewBatchRequest([title], [4], null, null));
        await committed.Task.WaitAsync(Cancel);

        // Answered at once, so that nothing but the held step can keep the activation waiting.
        var total = await silo.Stores.Journal.GetTotalAsync(title, Cancel);
        journal.OnGetTotal = () => Task.FromResult(total);
        var ledger = silo.Services.GetRequiredService<ViewLedger>();
        var activation = ledger.UseCounterAsync(title, Cancel);
        var answeredEarly = activation.IsCompleted;
        go.SetResult();
        var counter = await activation;

        Assert.False(answeredEarly);
        Assert.Equal((4, 4), (total, counter.Live));
        ledger.ReleaseCounter(counter);
    }

    [Fact]
    public async Task A_batch_that_the_ledger_never_had_is_unknown()
    {
        await using var silo = await SiloFixture.StartAsync();
        var title = await silo.AddTitleAsync();
        var ledger = await LedgerAsync(silo, title);
        var ticket = await ledger.RecordAsync(new LedgerViews([title], [1], []));
        Assert.Equal([Outcome.Committed, Outcome.Unknown], await ledger.WaitAsync([ticket.Batch, ticket.Batch + 1_000]));
    }

    [Fact]
    public async Task Each_entry_of_a_call_has_its_own_outcome()
    {
        await using var silo = await SiloFixture.StartAsync();
        var (title, inactive, receipt) = (await silo.AddTitleAsync(), await silo.AddTitleAsync(), silo.Samples.Id());
        var ledger = await LedgerAsync(silo, title);
        Assert.Equal(Outcome.Committed, (await silo.Recorder.RecordAsync(title, 3, receipt)).Outcome);

        var ticket = await ledger.RecordAsync(
            new LedgerViews([title, inactive, title, title], [3, 1, 4, 5], [receipt, silo.Samples.Id(), receipt, silo.Samples.Id()]));

        var batches = ticket.Batches!;
        Assert.Equal([1], ticket.Elsewhere);
        Assert.Equal([2], ticket.KeyConflicts);
        Assert.InRange(batches[0], 1, batches[3] - 1);
        Assert.Equal([8, 0, 8, 8], ticket.Views);
        Assert.Equal([Outcome.Committed, Outcome.Committed], await ledger.WaitAsync([batches[0], batches[3]]));
        await silo.UntilAppliedAsync(title, 8);
        Assert.Equal(0, await silo.Stores.Journal.GetTotalAsync(inactive, Cancel));
    }

    [Fact]
    public async Task A_title_that_was_deactivated_is_found_again()
    {
        await using var silo = await SiloFixture.StartAsync();
        var title = await silo.AddTitleAsync();
        Assert.Equal(new RecordResult(Outcome.Committed, 2), await silo.Recorder.RecordAsync(title, 2, null));
        await silo.UntilAppliedAsync(title, 2);
        await silo.DeactivateAsync(silo.Content(title));
        Assert.Equal(new RecordResult(Outcome.Committed, 5), await silo.Recorder.RecordAsync(title, 3, null));
    }

    [Fact]
    public async Task A_ledger_of_a_silo_that_is_gone_cannot_be_asked()
    {
        await using var silo = await SiloFixture.StartAsync();
        var ledger = silo.Grains.GetGrain<ILedgerGrain>("127.0.0.1:1@1");
        await Assert.ThrowsAsync<LedgerGoneException>(() => ledger.WaitAsync([1]));
    }

    private static async Task<ILedgerGrain> LedgerAsync(SiloFixture silo, Guid title) =>
        silo.Grains.GetGrain<ILedgerGrain>((await silo.Content(title).GetLedgerAsync())!);
}
