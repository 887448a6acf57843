using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Content;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ViewLedgerClientTests
{
    private readonly Samples samples = new();
    private readonly FakeCluster cluster = new();
    private readonly ViewLedgerClient ledger;
    private readonly Guid title;

    public ViewLedgerClientTests()
    {
        ledger = new ViewLedgerClient(cluster.Factory, new GrainReferences<IContentGrain>(cluster.Factory), NullLogger<ViewLedgerClient>.Instance);
        title = samples.Id();
    }

    [Fact]
    public async Task Views_that_come_while_calls_are_under_way_go_as_one_next_call()
    {
        var (first, second) = (RecordAsync(title, 1, null), RecordAsync(title, 2, null));
        var other = samples.Id();
        var waiting = Enumerable.Range(3, 8).Select(count => RecordAsync(title, count, null)).ToArray();
        var last = RecordAsync(other, 7, null);
        Assert.Equal([[1L], [2L]], cluster.Calls.Select(call => call.Views.Counts));

        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(new RecordResult(Outcome.Committed, 1), await first);
        await cluster.UntilCallsAsync(3);
        Assert.Equal([title, other], cluster.Calls[2].Views.ContentIds);
        Assert.Equal([52, 7], cluster.Calls[2].Views.Counts);

        cluster.Calls[2].Answer(Ticket(batch: 2, 55, 9));
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(new RecordResult(Outcome.Committed, 55), result));
        Assert.Equal(new RecordResult(Outcome.Committed, 9), await last);
        Assert.Equal(3, cluster.Calls.Count);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task A_call_after_a_quiet_moment_goes_at_once()
    {
        for (var i = 1; i <= 3; i++)
        {
            var record = RecordAsync(title, i, null);
            cluster.Calls[i - 1].Answer(Ticket(batch: i, views: i));
            Assert.Equal(i, (await record).Views);
        }
    }

    [Fact]
    public async Task A_title_is_asked_once_where_it_lives()
    {
        var found = new TaskCompletionSource<string?>();
        cluster.OnSearch = _ => found.Task;
        var records = Enumerable.Range(0, 20).Select(_ => RecordAsync(title, 1, null)).ToArray();
        Assert.Equal([title], cluster.Searches);
        Assert.Empty(cluster.Calls);

        found.SetResult("127.0.0.1:1@1");
        await AnswerAllAsync(records);
        await AnswerAllAsync(RecordAsync(title, 1, null));
        Assert.Equal([title], cluster.Searches);
    }

    [Fact]
    public async Task Titles_on_different_silos_do_not_wait_for_each_other()
    {
        cluster.OnSearch = id => Task.FromResult<string?>(id == title ? "127.0.0.1:1@1" : "127.0.0.2:1@1");
        for (var i = 0; i < 5; i++)
            _ = RecordAsync(title, 1, null);

        Assert.Equal(2, cluster.Calls.Count);
        var other = RecordAsync(samples.Id(), 1, null);
        Assert.Equal("127.0.0.2:1@1", cluster.Calls[2].Ledger);
        cluster.Calls[2].Answer(Ticket(batch: 1, views: 4));
        Assert.Equal(new RecordResult(Outcome.Committed, 4), await other);
    }

    [Fact]
    public async Task A_title_that_has_moved_is_looked_for_again()
    {
        await AnswerAllAsync(RecordAsync(title, 1, null));
        cluster.OnSearch = _ => Task.FromResult<string?>("127.0.0.2:1@1");
        var record = RecordAsync(title, 3, null);
        cluster.Calls[1].Answer(new LedgerTicket(Busy: false, 0, null, [0], [], [0]));

        await cluster.UntilCallsAsync(3);
        Assert.Equal(("127.0.0.2:1@1", 3), (cluster.Calls[2].Ledger, cluster.Calls[2].Views.Counts[0]));
        cluster.Calls[2].Answer(Ticket(batch: 1, views: 4));
        Assert.Equal(new RecordResult(Outcome.Committed, 4), await record);
    }

    [Fact]
    public async Task A_title_that_is_never_where_it_says_is_not_looked_for_for_ever()
    {
        var record = RecordAsync(title, 3, null);
        for (var i = 0; i < 12; i++)
        {
            await cluster.UntilCallsAsync(i + 1);
            cluster.Calls[i].Answer(new LedgerTicket(Busy: false, 0, null, [0], [], [0]));
        }

        Assert.Equal(Outcome.Refused, (await record).Outcome);
    }

    [Fact]
    public async Task An_unknown_title_takes_no_views()
    {
        cluster.OnSearch = _ => Task.FromResult<string?>(null);
        Assert.Equal(RecordResult.UnknownTitle, await RecordAsync(title, 1, null));
        Assert.Empty(cluster.Calls);
    }

    [Fact]
    public async Task When_no_title_can_say_where_it_lives_nothing_was_recorded()
    {
        cluster.OnSearch = _ => throw new TimeoutException();
        Assert.Equal(new RecordResult(Outcome.Refused), await RecordAsync(title, 1, null));
        Assert.Single(cluster.Searches);
    }

    [Fact]
    public async Task Keyed_views_travel_one_by_one_in_calls_of_their_own()
    {
        var (first, second) = (samples.Id(), samples.Id());
        var unkeyed = RecordAsync(title, 9, null);
        var keyed = new[] { RecordAsync(title, 1, first), RecordAsync(title, 1, samples.Id()) };
        var waiting = new[] { RecordAsync(title, 2, first), RecordAsync(title, 3, second), RecordAsync(title, 4, first) };

        Assert.Equal([0, 1, 1], cluster.Calls.Select(call => call.Views.Receipts.Length));
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 9));
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 10));
        await cluster.UntilCallsAsync(4);
        Assert.Equal([first, second, first], cluster.Calls[3].Views.Receipts);
        Assert.Equal([2, 3, 4], cluster.Calls[3].Views.Counts);

        cluster.Calls[3].Answer(new LedgerTicket(Busy: false, 0, [0, 4, 1], [13, 13, 13], [0], []));
        Assert.Equal(new RecordResult(Outcome.Committed, 9), await unkeyed);
        Assert.Equal(new RecordResult(Outcome.Committed, 10), await keyed[0]);
        Assert.Equal(
            [RecordResult.KeyConflict, new RecordResult(Outcome.Committed, 13), new RecordResult(Outcome.Committed, 13)],
            await Task.WhenAll(waiting));
    }

    [Fact]
    public async Task Each_view_becomes_what_its_batch_becomes()
    {
        cluster.OnWait = batch => Task.FromResult(batch == 1 ? Outcome.Committed : Outcome.Refused);
        _ = RecordAsync(title, 1, samples.Id());
        _ = RecordAsync(title, 1, samples.Id());
        var records = new[] { RecordAsync(title, 1, samples.Id()), RecordAsync(title, 1, samples.Id()) };
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        await cluster.UntilCallsAsync(3);
        cluster.Calls[2].Answer(new LedgerTicket(Busy: false, 0, [2, 1], [2, 2], [], []));
        Assert.Equal([Outcome.Refused, Outcome.Committed], (await Task.WhenAll(records)).Select(result => result.Outcome));
    }

    [Fact]
    public async Task More_views_than_one_call_may_carry_are_turned_away()
    {
        foreach (var receipts in (Func<Guid?>[])[() => samples.Id(), () => null])
        {
            for (var i = 0; i < 2_002; i++)
                _ = RecordAsync(samples.Id(), 1, receipts());

            Assert.Equal(new RecordResult(Outcome.Refused), await RecordAsync(samples.Id(), 1, receipts()));
        }
    }

    [Fact]
    public async Task A_ledger_that_is_full_recorded_nothing()
    {
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(LedgerTicket.Full);
        Assert.Equal(new RecordResult(Outcome.Refused), await record);
        Assert.Empty(cluster.Waits);
    }

    [Theory]
    [InlineData(Outcome.Committed)]
    [InlineData(Outcome.Refused)]
    [InlineData(Outcome.Unknown)]
    public async Task A_view_becomes_what_its_batch_becomes(Outcome outcome)
    {
        cluster.OnWait = _ => Task.FromResult(outcome);
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(outcome, (await record).Outcome);
    }

    [Fact]
    public async Task Without_an_answer_of_the_ledger_the_outcome_is_unknown()
    {
        cluster.OnWait = _ => throw new SiloUnavailableException("gone");
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(Outcome.Unknown, (await record).Outcome);
    }

    [Fact]
    public async Task With_a_ticket_that_makes_no_sense_the_outcome_is_unknown()
    {
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1) with { KeyConflicts = default });
        Assert.Equal(Outcome.Unknown, (await record.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Outcome);
    }

    [Fact]
    public async Task A_call_that_was_never_sent_is_repeated_as_it_was()
    {
        var record = RecordAsync(title, 3, null);
        cluster.Calls[0].Fail(Rejection());
        await cluster.UntilCallsAsync(2);
        Assert.Equal(cluster.Calls[0].Views.Counts, cluster.Calls[1].Views.Counts);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 3));
        Assert.Equal(Outcome.Committed, (await record).Outcome);
        Assert.Equal([title, title], cluster.Searches);
    }

    [Fact]
    public async Task A_ledger_that_is_gone_is_not_asked_twice_and_the_title_is_looked_for_again()
    {
        var record = RecordAsync(title, 3, null);
        cluster.Calls[0].Fail(new LedgerGoneException("gone"));
        await cluster.UntilCallsAsync(2);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 3));
        Assert.Equal(Outcome.Committed, (await record).Outcome);
        Assert.Equal([title, title], cluster.Searches);

        cluster.OnWait = _ => throw new LedgerGoneException("gone");
        record = RecordAsync(title, 3, null);
        cluster.Calls[^1].Answer(Ticket(batch: 2, views: 3));
        Assert.Equal(Outcome.Unknown, (await record).Outcome);
        Assert.Equal([1, 2], cluster.Waits);
    }

    [Fact]
    public async Task A_ledger_that_says_that_it_leaves_is_called_no_more()
    {
        var record = RecordAsync(title, 3, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 3) with { Leaving = true });
        Assert.Equal(Outcome.Committed, (await record).Outcome);

        record = RecordAsync(title, 2, null);
        await cluster.UntilCallsAsync(2);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 5));
        Assert.Equal(Outcome.Committed, (await record).Outcome);
        Assert.Equal([title, title], cluster.Searches);
    }

    [Fact]
    public async Task After_seconds_of_rejections_nothing_was_recorded()
    {
        var record = RecordAsync(title, 3, null);
        for (var i = 0; i < 12; i++)
        {
            await cluster.UntilCallsAsync(i + 1);
            cluster.Calls[i].Fail(Rejection());
        }

        Assert.Equal(Outcome.Refused, (await record).Outcome);
        Assert.Equal(12, cluster.Calls.Count);
    }

    [Fact]
    public async Task A_call_without_a_key_whose_outcome_is_unknown_is_not_repeated()
    {
        foreach (var failure in (Exception[])[new TimeoutException(), new SiloUnavailableException("gone"), new InvalidOperationException()])
        {
            var record = RecordAsync(title, 3, null);
            cluster.Calls[^1].Fail(failure);
            Assert.Equal(Outcome.Unknown, (await record).Outcome);
        }

        Assert.Equal(3, cluster.Calls.Count);
    }

    [Fact]
    public async Task A_keyed_call_whose_outcome_is_unknown_is_repeated_as_it_was()
    {
        var record = RecordAsync(title, 3, samples.Id());
        cluster.Calls[0].Fail(new TimeoutException());
        await cluster.UntilCallsAsync(2);
        Assert.Equal(cluster.Calls[0].Views.Receipts, cluster.Calls[1].Views.Receipts);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 3));
        Assert.Equal(Outcome.Committed, (await record).Outcome);
    }

    [Fact]
    public async Task A_rejection_says_nothing_of_an_earlier_attempt_whose_outcome_is_unknown()
    {
        var record = RecordAsync(title, 3, samples.Id());
        cluster.Calls[0].Fail(new TimeoutException());
        await cluster.UntilCallsAsync(2);
        cluster.Calls[1].Fail(Rejection());
        await cluster.UntilCallsAsync(3);
        cluster.Calls[2].Answer(LedgerTicket.Full);
        Assert.Equal(Outcome.Unknown, (await record).Outcome);
    }

    [Fact]
    public async Task Views_that_waited_for_a_call_that_failed_were_not_in_it_and_go_on()
    {
        var sent = new[] { RecordAsync(title, 1, null), RecordAsync(title, 2, null) };
        var waiting = RecordAsync(title, 4, null);
        cluster.Calls[0].Fail(new TimeoutException());
        Assert.Equal(Outcome.Unknown, (await sent[0]).Outcome);

        await cluster.UntilCallsAsync(3);
        Assert.Equal([4], cluster.Calls[2].Views.Counts);
        cluster.Calls[2].Answer(Ticket(batch: 2, views: 4));
        Assert.Equal(new RecordResult(Outcome.Committed, 4), await waiting);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 2));
        Assert.Equal(new RecordResult(Outcome.Committed, 2), await sent[1]);
    }

    /// <summary>Answers all calls, those too that come meanwhile, until the records are done.</summary>
    private async Task AnswerAllAsync(params Task<RecordResult>[] records)
    {
        var all = Task.WhenAll(records);
        for (var answered = cluster.Calls.TakeWhile(call => call.Task.IsCompleted).Count(); !all.IsCompleted; await Task.Yield())
        {
            for (var calls = cluster.Calls; answered < calls.Count; answered++)
                calls[answered].Answer(new LedgerTicket(Busy: false, 1, null, [.. calls[answered].Views.Counts], [], []));
        }

        Assert.All(await all, result => Assert.Equal(Outcome.Committed, result.Outcome));
    }

    /// <summary>Bounded, so that an answer that never comes fails its test and does not hang it.</summary>
    private Task<RecordResult> RecordAsync(Guid contentId, int count, Guid? receipt) =>
        ledger.RecordAsync(contentId, count, receipt).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private static LedgerTicket Ticket(long batch, params long[] views) => new(Busy: false, batch, null, views, [], []);

    // Its constructor is the runtime's own.
    private static OrleansMessageRejectionException Rejection() => (OrleansMessageRejectionException)Activator.CreateInstance(
        typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, ["rejected"], null)!;
}
