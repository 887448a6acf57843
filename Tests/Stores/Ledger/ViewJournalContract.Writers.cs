using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

/// <summary>Of writers, their end and what others do for them.</summary>
public abstract partial class ViewJournalContract
{
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
        // A row left behind would count again under a watermark that starts anew.
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
}
