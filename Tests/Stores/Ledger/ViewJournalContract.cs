using Streaming.Ledger;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Ledger;

public abstract partial class ViewJournalContract(StoreFixture fixture) : StoreContract(fixture)
{
    private const string Writer = "silo-1";
    private const string OtherWriter = "silo-2";

    private IViewJournal Journal => Fixture.Journal;

    [Fact]
    public async Task Applied_views_are_in_the_total()
    {
        var (first, second) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((first, 3), (second, 1)));
        Journal.Append(Writer, 2, Unkeyed((first, 4)));

        var step = await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal((2, 3, 0), (step.Batches, step.Entries, step.Quarantined));
        Assert.Equal(
            [new AppliedTitle(first, 7, 7), new AppliedTitle(second, 1, 1)],
            step.Titles.OrderByDescending(title => title.Total));
        Assert.Equal((7, 1), (await Journal.GetTotalAsync(first, Cancel), await Journal.GetTotalAsync(second, Cancel)));
    }

    [Fact]
    public async Task Totals_grow_from_apply_to_apply()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 2, Unkeyed((title, 5)));
        Assert.Equal([new AppliedTitle(title, 5, 8)], (await Journal.ApplyAsync(Writer, Cancel)).Titles);
    }

    [Fact]
    public async Task A_count_may_be_larger_than_an_int()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, JournalEntries.MaxCount)));
        Journal.Append(Writer, 2, Unkeyed((title, JournalEntries.MaxCount)));
        await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal(2 * JournalEntries.MaxCount, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_title_that_nobody_viewed_has_a_total_of_zero() => Assert.Equal(0, await Journal.GetTotalAsync(Samples.Id(), Cancel));

    [Fact]
    public async Task An_empty_journal_applies_nothing()
    {
        await Journal.OpenWriterAsync(Writer, Cancel);
        var step = await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal((0, 0, 0, 0), (step.Batches, step.Entries, step.Titles.Count, step.Quarantined));
    }

    [Fact]
    public async Task A_writer_that_nobody_opened_applies_nothing()
    {
        Assert.Equal(0, (await Journal.ApplyAsync("nobody", Cancel)).Batches);
        await Journal.CloseWriterAsync("nobody", Cancel);
    }

    [Fact]
    public async Task A_batch_appended_twice_counts_once()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Assert.Equal(1, (await Journal.ApplyAsync(Writer, Cancel)).Batches);
        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_batch_appended_again_is_left_as_it_was()
    {
        var (title, other) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Journal.Append(Writer, 1, Unkeyed((other, 9)));
        await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal((3, 0), (await Journal.GetTotalAsync(title, Cancel), await Journal.GetTotalAsync(other, Cancel)));
    }

    [Fact]
    public async Task A_batch_appended_again_after_its_apply_changes_nothing()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Assert.Equal(0, (await Journal.ApplyAsync(Writer, Cancel)).Batches);
        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_repeated_apply_changes_nothing()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        var again = await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal((0, 0, 0), (again.Batches, again.Entries, again.Titles.Count));
        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Concurrent_applies_count_once()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        for (var batch = 1; batch <= 20; batch++)
            Journal.Append(Writer, batch, Unkeyed((title, 1)));

        var steps = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Journal.ApplyAsync(Writer, Cancel), Cancel)));

        Assert.Equal(20, steps.Sum(step => step.Batches));
        Assert.Equal(20, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Appends_and_applies_at_the_same_time_lose_nothing()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var appending = Task.Run(
            () =>
            {
                for (var batch = 1; batch <= 200; batch++)
                    Journal.Append(Writer, batch, Unkeyed((title, 1)));
            },
            Cancel);
        var applying = Enumerable.Range(0, 2).Select(_ => Task.Run(
            async () =>
            {
                while (!appending.IsCompleted)
                    await Journal.ApplyAsync(Writer, Cancel);
            },
            Cancel));
        await Task.WhenAll([appending, .. applying]);
        await ApplyAllAsync(Journal, Writer);

        Assert.Equal(200, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Views_count_for_the_day_in_which_they_were_accepted()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        var accepted = Fixture.Now;
        await Fixture.AdvanceAsync(TimeSpan.FromDays(1));
        accepted += Fixture.Now - accepted - TimeSpan.FromDays(1);
        Journal.Append(Writer, 2, Unkeyed((title, 40)));

        await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal((40, 40), (await ViewsAsync(TrendingWindow.Hour, Fixture.Now), await ViewsAsync(TrendingWindow.Day, Fixture.Now)));
        Assert.Equal((3, 3), (await ViewsAsync(TrendingWindow.Hour, accepted), await ViewsAsync(TrendingWindow.Day, accepted)));
        Assert.Equal(43, await ViewsAsync(TrendingWindow.Week, Fixture.Now));
    }

    [Fact]
    public async Task A_receipt_repeated_the_next_day_counts_for_the_first()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Fixture.AdvanceAsync(TimeSpan.FromDays(1));
        Journal.Append(Writer, 2, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal(0, await ViewsAsync(TrendingWindow.Day, Fixture.Now));
        Assert.Equal(3, await ViewsAsync(TrendingWindow.Week, Fixture.Now));
    }

    [Fact]
    public async Task Totals_of_many_titles_are_read_at_once_and_titles_without_one_are_left_out()
    {
        var (title, other) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3), (other, 4)));
        await Journal.ApplyAsync(Writer, Cancel);

        var totals = await Journal.GetTotalsAsync([title, other, Samples.Id()], Cancel);

        Assert.Equal([(title, 3), (other, 4)], totals.OrderBy(total => total.Value).Select(total => (total.Key, total.Value)));
        Assert.Empty(await Journal.GetTotalsAsync([], Cancel));
    }

    [Fact]
    public async Task A_large_backlog_is_applied_in_several_steps()
    {
        const int Batches = 16;
        var titles = Enumerable.Range(0, 30_000).Select(_ => Samples.Id()).ToArray();
        var counts = Enumerable.Repeat(1L, titles.Length).ToArray();
        await Journal.OpenWriterAsync(Writer, Cancel);
        for (var batch = 1; batch <= Batches; batch++)
            Journal.Append(Writer, batch, new JournalEntries(titles, counts, []));

        var first = await Journal.ApplyAsync(Writer, Cancel);
        Assert.InRange(first.Batches, 1, Batches - 1);
        Assert.InRange(first.Entries, 1, IViewJournal.MaxEntriesPerApply + titles.Length);
        Assert.Equal(Batches, first.Batches + await ApplyAllAsync(Journal, Writer));
        Assert.Equal(Batches, await Journal.GetTotalAsync(titles[^1], Cancel));
    }

    [Fact]
    public async Task Hours_older_than_two_days_are_forgotten_and_days_are_not()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        var accepted = Fixture.Now;
        Assert.Equal(0, await Journal.ForgetOldAsync(Cancel));
        await Fixture.AdvanceAsync(TimeSpan.FromHours(50));
        accepted += Fixture.Now - accepted - TimeSpan.FromHours(50);

        Assert.Equal(1, await ForgetAllAsync());

        Assert.Equal(0, await ViewsAsync(TrendingWindow.Hour, accepted));
        Assert.Equal(3, await ViewsAsync(TrendingWindow.Day, accepted));
        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Nothing_is_forgotten_where_nothing_is() => Assert.Equal(0, await Journal.ForgetOldAsync(Cancel));

    protected static JournalEntries Unkeyed(params (Guid Title, long Count)[] views) =>
        new([.. views.Select(view => view.Title)], [.. views.Select(view => view.Count)], []);

    protected static JournalEntries Keyed(params (Guid Title, long Count, Guid Receipt)[] views) =>
        new([.. views.Select(view => view.Title)], [.. views.Select(view => view.Count)], [.. views.Select(view => view.Receipt)]);

    protected async Task<long> ViewsAsync(TrendingWindow window, DateTimeOffset moment) =>
        (await Fixture.Trending.GetTopAsync(window, moment, 100, Cancel)).Sum(title => title.Views);

    protected static async Task<int> ApplyAllAsync(IViewJournal journal, string writer)
    {
        var batches = 0;
        while (await journal.ApplyAsync(writer, Cancel) is { Batches: > 0 } step)
            batches += step.Batches;

        return batches;
    }

    private async Task<int> ForgetAllAsync()
    {
        var forgotten = 0;
        while (await Journal.ForgetOldAsync(Cancel) is > 0 and var some)
            forgotten += some;

        return forgotten;
    }

    private async Task<(Guid First, Guid Second)> OpenWithTwoTitlesAsync()
    {
        await Journal.OpenWriterAsync(Writer, Cancel);
        return (await AddTitleAsync(), await AddTitleAsync());
    }
}
