using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streaming.Ledger;

namespace Streaming.Tests.Ledger;

public sealed class GroupCommitTests : IDisposable
{
    private const int ItemBytes = 10;
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(2);

    private readonly SteppedDisk disk = new();
    private readonly FakeTimeProvider time = new();
    private readonly List<(long Number, Outcome Outcome, bool Told)> completed = [];
    private readonly GroupCommit<List<int>> commits;

    public GroupCommitTests() => commits = Make(disk.Commit, TimeSpan.Zero);

    public void Dispose()
    {
        disk.Finish();
        commits.Stop(LongEnough);
        disk.Dispose();
    }

    [Fact]
    public async Task A_lone_item_goes_at_once()
    {
        commits.Start();
        Assert.Equal(1, Add(7));
        disk.ExpectCommit(1, 7);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(1));
    }

    [Fact]
    public async Task Items_that_wait_while_a_batch_commits_go_as_the_next_one()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Assert.Equal((2, 2, 2), (Add(2), Add(3), Add(4)));
        var next = commits.WaitAsync(2);

        disk.Succeed();
        disk.ExpectCommit(2, 2, 3, 4);
        Assert.Equal(Outcome.Committed, await OutcomeAsync(1));
        Assert.False(next.IsCompleted);

        disk.Succeed();
        Assert.Equal(Outcome.Committed, await next.WaitAsync(LongEnough, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Items_added_before_the_start_go_after_it()
    {
        Add(1);
        Add(2);
        commits.Start();
        disk.ExpectCommit(1, 1, 2);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(1));
    }

    [Fact]
    public async Task Every_item_of_many_callers_is_committed_once_and_in_order()
    {
        var written = new ConcurrentQueue<(long Number, int[] Items)>();
        var many = Make((number, items) => written.Enqueue((number, [.. items])), TimeSpan.FromMilliseconds(1));
        many.Start();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var all = Outcome.Committed;
            for (var i = 0; i < 100; i++)
            {
                Assert.True(many.TryAdd((caller * 100) + i, 1, 1, Put, out var batch));
                if (await many.WaitAsync(batch).WaitAsync(LongEnough) is var outcome and not Outcome.Committed)
                    all = outcome;
            }

            return all;
        })));
        many.Stop(LongEnough);

        Assert.All(outcomes, outcome => Assert.Equal(Outcome.Committed, outcome));
        Assert.Equal(Enumerable.Range(0, 1600), written.SelectMany(batch => batch.Items).Order());
        Assert.Equal(Enumerable.Range(1, written.Count).Select(number => (long)number), written.Select(batch => batch.Number));
    }

    [Fact]
    public async Task A_batch_of_unknown_outcome_is_committed_again_unchanged_and_the_next_one_waits()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Add(2);
        disk.Fail(new IOException("the answer was lost"));
        disk.ExpectCommit(1, 1);
        Add(3);
        disk.Fail(new TimeoutException("again"));
        disk.ExpectCommit(1, 1);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(1));

        disk.ExpectCommit(2, 2, 3);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(2));
    }

    [Fact]
    public async Task A_refused_batch_was_not_recorded_and_the_next_one_goes_on()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Add(2);
        var refused = commits.WaitAsync(1);
        disk.Refuse();
        Assert.Equal(Outcome.Refused, await refused.WaitAsync(LongEnough, TestContext.Current.CancellationToken));

        disk.ExpectCommit(2, 2);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(2));
        Assert.Equal(Outcome.Refused, await OutcomeAsync(1));
    }

    [Fact]
    public async Task A_refusal_says_nothing_of_an_earlier_attempt_whose_outcome_is_unknown()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        // This attempt may have reached the disk, so a refusal of the next one is no answer yet.
        disk.Fail(new IOException("the answer was lost"));
        disk.ExpectCommit(1, 1);
        disk.Refuse();
        disk.ExpectCommit(1, 1);
        disk.Succeed();
        Assert.Equal(Outcome.Committed, await OutcomeAsync(1));
    }

    [Fact]
    public async Task Completion_runs_before_the_waiters_learn_of_the_outcome()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        disk.Refuse();
        await OutcomeAsync(1);
        Assert.Equal([(1L, Outcome.Refused, false)], completed);
    }

    [Fact]
    public async Task The_outcome_of_an_old_batch_is_still_known()
    {
        commits.Start();
        for (var number = 1; number <= 4; number++)
        {
            Add(number);
            disk.ExpectCommit(number, number);
            if (number == 2)
                disk.Refuse();
            else
                disk.Succeed();

            await OutcomeAsync(number);
        }

        Assert.Equal(
            [Outcome.Committed, Outcome.Refused, Outcome.Committed, Outcome.Committed],
            await Task.WhenAll(Enumerable.Range(1, 4).Select(number => OutcomeAsync(number))));
    }

    [Fact]
    public async Task A_batch_of_the_future_is_unknown()
    {
        commits.Start();
        Assert.Equal(Outcome.Unknown, await OutcomeAsync(2));
        Assert.Equal(Outcome.Unknown, await OutcomeAsync(0));
        Assert.False(commits.WaitAsync(1).IsCompleted);
    }

    [Fact]
    public async Task Outcomes_older_than_the_failures_remembered_are_unknown()
    {
        var refusing = Make((_, items) => throw SteppedDisk.Refusal(), TimeSpan.Zero);
        refusing.Start();
        for (var number = 1; number <= 1025; number++)
        {
            Assert.True(refusing.TryAdd(number, 1, ItemBytes, Put, out var batch));
            Assert.Equal(Outcome.Refused, await refusing.WaitAsync(batch).WaitAsync(LongEnough, TestContext.Current.CancellationToken));
        }

        Assert.Equal(Outcome.Unknown, await refusing.WaitAsync(1));
        Assert.Equal(Outcome.Refused, await refusing.WaitAsync(2));
        refusing.Stop(LongEnough);
    }

    [Fact]
    public void A_full_queue_refuses_until_it_is_committed()
    {
        Assert.True(commits.TryAdd(1, 1, 60, Put, out _));
        Assert.True(commits.TryAdd(2, 1, 40, Put, out _));
        Assert.False(commits.TryAdd(3, 1, 1, Put, out var batch));
        Assert.Equal(0, batch);

        commits.Start();
        disk.ExpectCommit(1, 1, 2);
        Assert.True(commits.TryAdd(4, 1, 100, Put, out _));
        disk.Succeed();
        disk.ExpectCommit(2, 4);
        disk.Succeed();
    }

    [Fact]
    public async Task A_commit_that_takes_too_long_refuses_what_follows_until_it_ends()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        time.Advance(MaxAge);
        Add(2);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(commits.TryAdd(3, 1, ItemBytes, Put, out _));

        disk.Succeed();
        await OutcomeAsync(1);
        disk.ExpectCommit(2, 2);
        disk.Succeed();
        await OutcomeAsync(2);
        Add(4);
        disk.ExpectCommit(3, 4);
        disk.Succeed();
    }

    [Fact]
    public void An_item_that_an_earlier_batch_holds_makes_no_batch()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Assert.True(commits.TryAdd(1, 1, ItemBytes, static (_, _, _) => 1L, out var duplicate));
        Assert.Equal(1, duplicate);
        Assert.True(commits.TryAdd(1, 1, ItemBytes, static (_, _, _) => 0L, out var conflict));
        Assert.Equal(0, conflict);
        disk.Succeed();

        commits.Stop(LongEnough);
        Assert.Equal([(1L, Outcome.Committed, false)], completed);
    }

    [Fact]
    public async Task A_stop_commits_what_waits_and_takes_no_more()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Add(2);
        var (first, second) = (commits.WaitAsync(1), commits.WaitAsync(2));
        var stopping = Task.Run(() => commits.Stop(LongEnough), TestContext.Current.CancellationToken);
        while (commits.TryAdd(3, 1, ItemBytes, Put, out _))
            await Task.Yield();

        disk.Succeed();
        var last = disk.NextCommit();
        Assert.Equal(2, last.Number);
        Assert.Equal(2, last.Items[0]);
        disk.Succeed();
        await stopping;

        Assert.Equal((Outcome.Committed, Outcome.Committed), (await first, await second));
    }

    [Fact]
    public void A_stop_before_the_start_returns()
    {
        commits.Stop(LongEnough);
        Assert.False(commits.TryAdd(1, 1, ItemBytes, Put, out _));
    }

    [Fact]
    public async Task A_stop_gives_up_on_a_batch_whose_outcome_stays_unknown()
    {
        var failing = Make((_, _) => throw new IOException("away"), TimeSpan.Zero);
        failing.Start();
        Assert.True(failing.TryAdd(1, 1, ItemBytes, Put, out var batch));
        var waiting = failing.WaitAsync(batch);

        failing.Stop(TimeSpan.FromMilliseconds(1));

        Assert.Equal(Outcome.Unknown, await waiting.WaitAsync(LongEnough, TestContext.Current.CancellationToken));
        Assert.Equal(Outcome.Unknown, await failing.WaitAsync(batch).WaitAsync(LongEnough, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_stop_gives_up_on_a_commit_that_hangs_and_writes_no_more_after_it()
    {
        commits.Start();
        Add(1);
        disk.ExpectCommit(1, 1);
        Add(2);
        var (hanging, waiting) = (commits.WaitAsync(1), commits.WaitAsync(2));

        commits.Stop(TimeSpan.FromMilliseconds(1));

        Assert.Equal(Outcome.Unknown, await hanging.WaitAsync(LongEnough, TestContext.Current.CancellationToken));
        Assert.Equal(Outcome.Unknown, await waiting.WaitAsync(LongEnough, TestContext.Current.CancellationToken));
        disk.Succeed();
        commits.Stop(LongEnough);
        Assert.Equal([1L], completed.Select(batch => batch.Number));
    }

    private static long Put(List<int> content, long number, int item)
    {
        content.Add(item);
        return number;
    }

    private GroupCommit<List<int>> Make(Action<long, List<int>> commit, TimeSpan gap)
    {
        GroupCommit<List<int>>? made = null;
        made = new GroupCommit<List<int>>(
            "test", () => [], commit,
            (number, _, outcome) => completed.Add((number, outcome, made!.WaitAsync(number).IsCompleted)),
            new GroupCommitLimits(100, MaxAge, gap, TimeSpan.FromMinutes(10)), time, NullLogger.Instance);
        return made;
    }

    private long Add(int item)
    {
        Assert.True(commits.TryAdd(item, 1, ItemBytes, Put, out var batch));
        return batch;
    }

    private Task<Outcome> OutcomeAsync(long batch) =>
        commits.WaitAsync(batch).WaitAsync(LongEnough, TestContext.Current.CancellationToken);
}
