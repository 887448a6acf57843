using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Content;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ViewRecorderTests
{
    private readonly Samples samples = new();
    private readonly FakeCluster cluster = new();
    private readonly ViewRecorder recorder;
    private readonly Guid title;

    public ViewRecorderTests()
    {
        recorder = new ViewRecorder(cluster.Factory, new GrainReferences<IContentGrain>(cluster.Factory), NullLogger<ViewRecorder>.Instance);
        title = samples.Id();
    }

    [Fact]
    public async Task Views_that_come_while_a_call_is_under_way_go_as_one_next_call()
    {
        var first = RecordAsync(title, 1, null);
        var waiting = Enumerable.Range(2, 9).Select(count => RecordAsync(title, count, null)).ToArray();
        Assert.Equal([1], cluster.Calls.Select(call => call.Views.Unkeyed));

        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(new RecordResult(RecordStatus.Recorded, 1), await first);
        await cluster.UntilCallsAsync(2);
        Assert.Equal([1, 54], cluster.Calls.Select(call => call.Views.Unkeyed));

        cluster.Calls[1].Answer(Ticket(batch: 2, views: 55));
        Assert.All(await Task.WhenAll(waiting), result => Assert.Equal(new RecordResult(RecordStatus.Recorded, 55), result));
        Assert.Equal(2, cluster.Calls.Count);
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
    public void Titles_do_not_wait_for_each_other()
    {
        _ = RecordAsync(title, 1, null);
        _ = RecordAsync(samples.Id(), 1, null);
        Assert.Equal(2, cluster.Calls.Count);
    }

    [Fact]
    public async Task Keyed_views_travel_one_by_one_in_calls_of_their_own()
    {
        var (first, second) = (samples.Id(), samples.Id());
        var unkeyed = RecordAsync(title, 9, null);
        var keyed = RecordAsync(title, 1, first);
        var waiting = new[] { RecordAsync(title, 2, first), RecordAsync(title, 3, second) };

        Assert.Equal([(9, 0), (0, 1)], cluster.Calls.Select(call => (call.Views.Unkeyed, call.Views.Keyed.Length)));
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 9));
        cluster.Calls[1].Answer(Ticket(batch: 0, views: 10, 1));
        await cluster.UntilCallsAsync(3);
        Assert.Equal([new KeyedView(first, 2), new KeyedView(second, 3)], cluster.Calls[2].Views.Keyed);

        cluster.Calls[2].Answer(Ticket(batch: 0, views: 13, 0, 4));
        Assert.Equal(new RecordResult(RecordStatus.Recorded, 9), await unkeyed);
        Assert.Equal(new RecordResult(RecordStatus.Recorded, 10), await keyed);
        Assert.Equal(
            [new RecordResult(RecordStatus.KeyConflict), new RecordResult(RecordStatus.Recorded, 13)], await Task.WhenAll(waiting));
    }

    [Fact]
    public async Task More_keyed_views_than_one_call_may_carry_are_turned_away()
    {
        _ = RecordAsync(title, 1, samples.Id());
        for (var i = 0; i < ViewLimits.MaxKeyedPerCall; i++)
            _ = RecordAsync(title, 1, samples.Id());

        Assert.Equal(new RecordResult(RecordStatus.NotRecorded), await RecordAsync(title, 1, samples.Id()));
    }

    [Theory]
    [InlineData(TicketStatus.UnknownTitle, RecordStatus.UnknownTitle)]
    [InlineData(TicketStatus.Busy, RecordStatus.NotRecorded)]
    public async Task A_call_that_took_nothing_says_why(TicketStatus ticket, RecordStatus status)
    {
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(ViewTicket.Busy with { Status = ticket });
        Assert.Equal(new RecordResult(status), await record);
        Assert.Empty(cluster.Waits);
    }

    [Theory]
    [InlineData(BatchOutcome.Committed, RecordStatus.Recorded)]
    [InlineData(BatchOutcome.NotRecorded, RecordStatus.NotRecorded)]
    [InlineData(BatchOutcome.Unknown, RecordStatus.Unknown)]
    public async Task A_view_becomes_what_its_batch_becomes(BatchOutcome outcome, RecordStatus status)
    {
        cluster.OnWait = _ => Task.FromResult(outcome);
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(status, (await record).Status);
    }

    [Fact]
    public async Task Without_an_answer_of_the_ledger_the_outcome_is_unknown()
    {
        cluster.OnWait = _ => throw new SiloUnavailableException("gone");
        var record = RecordAsync(title, 1, null);
        cluster.Calls[0].Answer(Ticket(batch: 1, views: 1));
        Assert.Equal(RecordStatus.Unknown, (await record).Status);
    }

    [Fact]
    public async Task Callers_of_one_batch_share_one_wait()
    {
        var committed = new TaskCompletionSource<BatchOutcome>();
        cluster.OnWait = _ => committed.Task;
        var records = Enumerable.Range(0, 20).Select(_ => RecordAsync(samples.Id(), 1, null)).ToArray();
        foreach (var call in cluster.Calls)
            call.Answer(Ticket(batch: 7, views: 1));

        Assert.Equal([7L], cluster.Waits);
        committed.SetResult(BatchOutcome.Committed);
        Assert.All(await Task.WhenAll(records), result => Assert.Equal(RecordStatus.Recorded, result.Status));
    }

    [Fact]
    public async Task A_call_that_was_never_sent_is_repeated_as_it_was()
    {
        var record = RecordAsync(title, 3, null);
        cluster.Calls[0].Fail(Rejection());
        await cluster.UntilCallsAsync(2);
        Assert.Same(cluster.Calls[0].Views, cluster.Calls[1].Views);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 3));
        Assert.Equal(RecordStatus.Recorded, (await record).Status);
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

        Assert.Equal(RecordStatus.NotRecorded, (await record).Status);
        Assert.Equal(12, cluster.Calls.Count);
    }

    [Fact]
    public async Task A_call_without_a_key_whose_outcome_is_unknown_is_not_repeated()
    {
        foreach (var failure in (Exception[])[new TimeoutException(), new SiloUnavailableException("gone"), new InvalidOperationException()])
        {
            var record = RecordAsync(title, 3, null);
            cluster.Calls[^1].Fail(failure);
            Assert.Equal(RecordStatus.Unknown, (await record).Status);
        }

        Assert.Equal(3, cluster.Calls.Count);
    }

    [Fact]
    public async Task A_keyed_call_whose_outcome_is_unknown_is_repeated_as_it_was()
    {
        var record = RecordAsync(title, 3, samples.Id());
        cluster.Calls[0].Fail(new TimeoutException());
        await cluster.UntilCallsAsync(2);
        Assert.Same(cluster.Calls[0].Views, cluster.Calls[1].Views);
        cluster.Calls[1].Answer(Ticket(batch: 0, views: 3, 1));
        Assert.Equal(RecordStatus.Recorded, (await record).Status);
    }

    [Fact]
    public async Task A_rejection_says_nothing_of_an_earlier_attempt_whose_outcome_is_unknown()
    {
        var record = RecordAsync(title, 3, samples.Id());
        cluster.Calls[0].Fail(new TimeoutException());
        await cluster.UntilCallsAsync(2);
        cluster.Calls[1].Fail(Rejection());
        await cluster.UntilCallsAsync(3);
        cluster.Calls[2].Answer(ViewTicket.Busy);
        Assert.Equal(RecordStatus.Unknown, (await record).Status);
    }

    [Fact]
    public async Task Views_that_waited_for_a_call_that_failed_go_on()
    {
        var first = RecordAsync(title, 1, null);
        var second = RecordAsync(title, 2, null);
        cluster.Calls[0].Fail(new TimeoutException());
        Assert.Equal(RecordStatus.Unknown, (await first).Status);

        await cluster.UntilCallsAsync(2);
        cluster.Calls[1].Answer(Ticket(batch: 1, views: 2));
        Assert.Equal(new RecordResult(RecordStatus.Recorded, 2), await second);
    }

    /// <summary>Bounded, so that an answer that never comes fails its test and does not hang it.</summary>
    private Task<RecordResult> RecordAsync(Guid contentId, int count, Guid? receipt) =>
        recorder.RecordAsync(contentId, count, receipt).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    private static ViewTicket Ticket(long batch, long views, params long[] keyed) =>
        new(TicketStatus.Queued, "127.0.0.1:1@1", batch, [.. keyed], views);

    // Its constructor is the runtime's own.
    private static OrleansMessageRejectionException Rejection() => (OrleansMessageRejectionException)Activator.CreateInstance(
        typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, ["rejected"], null)!;
}
