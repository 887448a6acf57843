using Streaming.Tests.Storage;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;

namespace Streaming.Tests.Viewing.Ledger;

public abstract class ViewJournalContract(StoreFixture fixture) : StoreContract(fixture)
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
    public async Task A_repeated_receipt_counts_once_within_a_batch()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt), (title, 3, receipt)));
        var step = await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal([new AppliedTitle(title, 6, 3)], step.Titles);
        Assert.Equal(2, step.Entries);
    }

    [Fact]
    public async Task A_repeated_receipt_counts_once_within_an_apply_and_the_earliest_stands()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        Journal.Append(Writer, 2, Keyed((title, 5, receipt)));
        Assert.Equal([new AppliedTitle(title, 8, 3)], (await Journal.ApplyAsync(Writer, Cancel)).Titles);
    }

    [Fact]
    public async Task A_receipt_of_an_earlier_apply_counts_no_more()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 2, Keyed((title, 3, receipt)));
        Assert.Equal([new AppliedTitle(title, 3, 3)], (await Journal.ApplyAsync(Writer, Cancel)).Titles);
    }

    [Fact]
    public async Task A_receipt_of_another_writer_counts_no_more()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Journal.CloseWriterAsync(Writer, Cancel);

        var next = Fixture.ReopenJournal();
        await next.OpenWriterAsync(OtherWriter, Cancel);
        next.Append(OtherWriter, 1, Keyed((title, 3, receipt)));
        await next.ApplyAsync(OtherWriter, Cancel);

        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Different_receipts_and_views_without_one_all_count()
    {
        var (title, other) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, new JournalEntries([title, other, title, title], [1, 10, 100, 1000], [Samples.Id(), Samples.Id()]));
        await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal((1101, 10), (await Journal.GetTotalAsync(title, Cancel), await Journal.GetTotalAsync(other, Cancel)));
    }

    [Fact]
    public async Task Many_titles_of_one_receipt_count_once_each()
    {
        var titles = await AddTitlesAsync(50);
        await Journal.OpenWriterAsync(Writer, Cancel);
        var receipt = Samples.Id();
        var request = Keyed([.. titles.Select((title, i) => (title, i + 1L, receipt))]);
        Journal.Append(Writer, 1, request);
        Journal.Append(Writer, 2, request);
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 3, request);
        await Journal.ApplyAsync(Writer, Cancel);

        for (var i = 0; i < titles.Length; i++)
            Assert.Equal(i + 1, await Journal.GetTotalAsync(titles[i], Cancel));
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
    public async Task Views_of_a_crash_between_apply_and_trim_count_once()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Journal.Append(Writer, 2, Keyed((title, 4, Samples.Id())));
        var crash = await Fixture.KeepJournalRowsAsync(Writer);
        await Journal.ApplyAsync(Writer, Cancel);
        await crash();

        var next = Fixture.ReopenJournal();
        await ApplyAllAsync(next, Writer);
        await next.CloseWriterAsync(Writer, Cancel);
        await ApplyAllAsync(next, Writer);

        Assert.Equal(7, await next.GetTotalAsync(title, Cancel));
        Assert.Empty(await next.ListWritersAsync(Cancel));
    }

    [Fact]
    public async Task Rows_of_a_writer_that_died_are_applied_by_the_next_start()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 2, Unkeyed((title, 4)));

        var next = Fixture.ReopenJournal();
        Assert.Equal([Writer], await next.ListWritersAsync(Cancel));
        Assert.Equal(1, await ApplyAllAsync(next, Writer));
        await next.CloseWriterAsync(Writer, Cancel);

        Assert.Equal(7, await next.GetTotalAsync(title, Cancel));
        Assert.Empty(await next.ListWritersAsync(Cancel));
    }

    [Fact]
    public async Task A_closed_writer_leaves_neither_itself_nor_rows()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Journal.CloseWriterAsync(Writer, Cancel);

        Assert.Empty(await Journal.ListWritersAsync(Cancel));
        // A row left behind would count again under a guard that starts anew.
        await Journal.OpenWriterAsync(Writer, Cancel);
        Assert.Equal(0, (await Journal.ApplyAsync(Writer, Cancel)).Batches);
        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Closing_a_writer_applies_what_is_left_of_it()
    {
        var (title, other) = await OpenWithTwoTitlesAsync();
        Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Journal.ApplyAsync(Writer, Cancel);
        Journal.Append(Writer, 2, Unkeyed((title, 4)));
        Journal.Append(Writer, 3, Keyed((other, 5, Samples.Id())));

        var rest = await Journal.CloseWriterAsync(Writer, Cancel);

        Assert.Equal((2, 2), (rest.Batches, rest.Entries));
        Assert.Equal((7, 5), (await Journal.GetTotalAsync(title, Cancel), await Journal.GetTotalAsync(other, Cancel)));
        Assert.Empty(await Journal.ListWritersAsync(Cancel));
        Assert.Equal(0, (await Journal.CloseWriterAsync(Writer, Cancel)).Batches);
    }

    [Fact]
    public async Task A_writer_that_several_close_at_once_counts_once()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        for (var batch = 1; batch <= 20; batch++)
            Journal.Append(Writer, batch, Keyed((title, 1, Samples.Id())));

        var closers = Enumerable.Range(0, 4).Select(_ => Fixture.ReopenJournal()).ToList();
        var rests = await Task.WhenAll(closers.Select(closer => Task.Run(() => closer.CloseWriterAsync(Writer, Cancel), Cancel)));

        Assert.Equal(20, rests.Sum(rest => rest.Batches));
        Assert.Equal(20, await Journal.GetTotalAsync(title, Cancel));
        Assert.Empty(await Journal.ListWritersAsync(Cancel));
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
    public async Task Writers_are_listed_from_open_to_close()
    {
        Assert.Empty(await Journal.ListWritersAsync(Cancel));
        await Journal.OpenWriterAsync(Writer, Cancel);
        await Journal.OpenWriterAsync(OtherWriter, Cancel);
        Assert.Equal([Writer, OtherWriter], (await Journal.ListWritersAsync(Cancel)).Order(StringComparer.Ordinal));

        await Journal.CloseWriterAsync(Writer, Cancel);
        Assert.Equal([OtherWriter], await Journal.ListWritersAsync(Cancel));
    }

    [Fact]
    public async Task Batches_of_two_writers_stand_apart()
    {
        var (title, other) = await OpenWithTwoTitlesAsync();
        await Journal.OpenWriterAsync(OtherWriter, Cancel);
        for (var batch = 1; batch <= 3; batch++)
            Journal.Append(OtherWriter, batch, Unkeyed((other, 1)));

        await Journal.ApplyAsync(OtherWriter, Cancel);
        Journal.Append(Writer, 1, Unkeyed((title, 1)));
        Journal.Append(Writer, 2, Unkeyed((title, 1)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Journal.CloseWriterAsync(OtherWriter, Cancel);

        Assert.Equal((2, 3), (await Journal.GetTotalAsync(title, Cancel), await Journal.GetTotalAsync(other, Cancel)));
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
    public async Task Receipts_younger_than_a_day_are_kept()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        Journal.Append(Writer, 2, Keyed((title, 3, receipt)));

        Assert.Equal(0, await Journal.ForgetOldAsync(Cancel));
        await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal(3, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Receipts_older_than_a_day_are_forgotten()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        var receipt = Samples.Id();
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(25));
        // Any later batch: the applied row may stay in the journal until then.
        Journal.Append(Writer, 2, Unkeyed((title, 1)));
        await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal(1, await ForgetAllAsync());
        Journal.Append(Writer, 3, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal(7, await Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Receipts_are_kept_as_long_as_an_older_row_is_not_applied()
    {
        var (title, _) = await OpenWithTwoTitlesAsync();
        await Journal.OpenWriterAsync(OtherWriter, Cancel);
        var receipt = Samples.Id();
        // The writer that died repeats a view that the living one has applied.
        Journal.Append(OtherWriter, 1, Keyed((title, 3, receipt)));
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        Journal.Append(Writer, 1, Keyed((title, 3, receipt)));
        await Journal.ApplyAsync(Writer, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(25));
        Journal.Append(Writer, 2, Unkeyed((title, 1)));
        await Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal(0, await Journal.ForgetOldAsync(Cancel));
        await Journal.ApplyAsync(OtherWriter, Cancel);

        Assert.Equal(4, await Journal.GetTotalAsync(title, Cancel));
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
