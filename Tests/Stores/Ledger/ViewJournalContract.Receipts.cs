using Streaming.Ledger;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

/// <summary>Of keyed views, and of how long their receipts are kept.</summary>
public abstract partial class ViewJournalContract
{
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
}
