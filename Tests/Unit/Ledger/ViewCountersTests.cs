using Streaming.Ledger;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

public sealed class ViewCountersTests
{
    private readonly ViewCounters counters = new();
    private readonly Guid title = new Samples().Id();

    [Fact]
    public void The_live_total_is_what_is_applied_and_what_is_pending()
    {
        var counter = counters.Use(title);
        counter.Apply(journalled: 0, total: 100);
        counters.Add(title, 5);
        Assert.Equal(105, counter.Live);

        counters.Apply(new AppliedTitle(title, Journalled: 3, Total: 103));
        Assert.Equal(105, counter.Live);

        counters.Apply(new AppliedTitle(title, Journalled: 2, Total: 104));
        Assert.Equal(104, counter.Live);
    }

    [Fact]
    public void An_older_reading_of_the_total_changes_nothing()
    {
        var counter = counters.Use(title);
        counter.Apply(journalled: 0, total: 100);
        counter.Apply(journalled: 0, total: 90);
        Assert.Equal(100, counter.Live);
    }

    [Fact]
    public void Withdrawn_views_leave_the_live_total()
    {
        var counter = counters.Use(title);
        counters.Add(title, 5);
        counters.Withdraw(title, 5);
        Assert.Equal(0, counter.Live);
    }

    [Fact]
    public void Views_that_are_pending_outlive_the_activation()
    {
        var counter = counters.Use(title);
        counters.Add(title, 5);
        counters.Release(counter);

        var next = counters.Use(title);
        Assert.Same(counter, next);
        Assert.Equal(5, next.Live);
    }

    [Fact]
    public void Views_of_a_title_that_is_not_active_are_met_by_its_next_activation()
    {
        counters.Add(title, 5);
        Assert.Equal(5, counters.Use(title).Live);
    }

    [Fact]
    public void A_counter_that_nobody_uses_closes_when_all_is_applied()
    {
        var counter = counters.Use(title);
        counters.Add(title, 5);
        counters.Release(counter);
        Assert.True(counter.TryUse());
        counters.Release(counter);

        counters.Apply(new AppliedTitle(title, Journalled: 5, Total: 5));

        Assert.False(counter.TryUse());
        Assert.False(counter.TryAdd(1));
        Assert.NotSame(counter, counters.Use(title));
    }

    [Fact]
    public void A_counter_closes_with_its_last_user()
    {
        var (first, second) = (counters.Use(title), counters.Use(title));
        Assert.Same(first, second);
        counters.Release(first);
        Assert.True(second.TryAdd(0));
        counters.Release(second);
        Assert.False(second.TryAdd(1));
    }

    [Fact]
    public void Applies_and_withdrawals_of_titles_without_a_counter_are_ignored()
    {
        counters.Apply(new AppliedTitle(title, 1, 1));
        counters.Withdraw(title, 1);
        Assert.Equal(0, counters.Use(title).Live);
    }

    [Fact]
    public async Task Views_added_while_activations_come_and_go_are_not_lost()
    {
        const int Rounds = 20_000;
        await Task.WhenAll(
            Task.Run(() => Repeat(() => counters.Add(title, 1)), TestContext.Current.CancellationToken),
            Task.Run(() => Repeat(() => counters.Release(counters.Use(title))), TestContext.Current.CancellationToken));
        Assert.Equal(Rounds, counters.Use(title).Live);

        static void Repeat(Action action)
        {
            for (var i = 0; i < Rounds; i++)
                action();
        }
    }
}
