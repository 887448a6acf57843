using Streaming.Storage.Embedded;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Ledger;

public sealed class SqliteViewJournalTests() : ViewJournalContract(new EmbeddedFixture())
{
    private const string Writer = "silo-1";

    private EmbeddedFixture Embedded => (EmbeddedFixture)Fixture;

    [Fact]
    public async Task Views_accepted_just_before_midnight_and_applied_after_it_count_for_the_day_before()
    {
        Embedded.Clock.SetUtcNow(new DateTimeOffset(2026, 3, 14, 23, 59, 59, 999, TimeSpan.Zero));
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3)));
        var before = Fixture.Now;
        await Fixture.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Fixture.Journal.Append(Writer, 2, Unkeyed((title, 40)));
        await Fixture.Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal((3, 3), (await ViewsAsync(TrendingWindow.Hour, before), await ViewsAsync(TrendingWindow.Day, before)));
        Assert.Equal((40, 40), (await ViewsAsync(TrendingWindow.Hour, Fixture.Now), await ViewsAsync(TrendingWindow.Day, Fixture.Now)));
    }

    [Theory]
    [InlineData("UPDATE view_journal SET content_ids = x'0102' WHERE batch_no = 2")]
    [InlineData("UPDATE view_journal SET counts = x'' WHERE batch_no = 2")]
    [InlineData("UPDATE view_journal SET counts = x'FFFFFFFFFFFFFFFF' WHERE batch_no = 2")]
    [InlineData("UPDATE view_journal SET receipts = zeroblob(32) WHERE batch_no = 2")]
    public async Task A_row_that_cannot_be_read_is_set_aside_and_the_rest_counts(string damage)
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        for (var batch = 1; batch <= 3; batch++)
            Fixture.Journal.Append(Writer, batch, Unkeyed((title, batch)));

        await Embedded.Database.Journal.WriteAsync(c => c.Execute(damage), Cancel);
        var step = await Fixture.Journal.ApplyAsync(Writer, Cancel);

        Assert.Equal((3, 1), (step.Batches, step.Quarantined));
        // The unreadable row's entry is off the ledger's hands too, where its ids still tell that there is one.
        Assert.InRange(step.Entries, 2, 3);
        Assert.Equal(4, await Fixture.Journal.GetTotalAsync(title, Cancel));
        Assert.Equal(0, (await Fixture.Journal.ApplyAsync(Writer, Cancel)).Quarantined);
        var aside = await Embedded.Database.Journal.ReadAsync(
            c => c.Query(r => (r.GetString(0), r.GetInt64(1), r.GetString(2)), "SELECT writer_id, batch_no, reason FROM view_journal_quarantine"), Cancel);
        var (writer, number, reason) = Assert.Single(aside);
        Assert.Equal((Writer, 2), (writer, number));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public async Task A_journal_of_nothing_but_unreadable_rows_goes_on()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 1)));
        await Embedded.Database.Journal.WriteAsync(c => c.Execute("UPDATE view_journal SET counts = x'00'"), Cancel);
        Assert.Equal((1, 1, 1), await Fixture.Journal.ApplyAsync(Writer, Cancel) is var step ? (step.Batches, step.Entries, step.Quarantined) : default);

        Fixture.Journal.Append(Writer, 2, Unkeyed((title, 5)));
        await Fixture.Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal(5, await Fixture.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Applied_rows_leave_the_journal_with_later_appends_and_the_rest_when_old_things_are_forgotten()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        for (var batch = 1; batch <= 600; batch++)
            Fixture.Journal.Append(Writer, batch, Unkeyed((title, 1)));

        await Fixture.Journal.ApplyAsync(Writer, Cancel);
        for (var batch = 601; batch <= 610; batch++)
            Fixture.Journal.Append(Writer, batch, Unkeyed((title, 1)));

        Assert.Equal((600 % 256) + 10, await CountRowsAsync());
        await Fixture.Journal.ForgetOldAsync(Cancel);
        Assert.Equal(10, await CountRowsAsync());
        await ApplyAllAsync(Fixture.Journal, Writer);
        Assert.Equal(610, await Fixture.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Rows_whose_writer_the_catalogue_does_not_know_still_count()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Embedded.Database.Metadata.WriteAsync(c => c.Execute("DELETE FROM ledger_writers"), Cancel);

        var next = Fixture.ReopenJournal();
        Assert.Equal([Writer], await next.ListWritersAsync(Cancel));
        await ApplyAllAsync(next, Writer);
        await next.CloseWriterAsync(Writer, Cancel);

        Assert.Equal(3, await next.GetTotalAsync(title, Cancel));
        Assert.Empty(await next.ListWritersAsync(Cancel));
    }

    private Task<long> CountRowsAsync() =>
        Embedded.Database.Journal.ReadAsync(c => c.Scalar("SELECT count(*) FROM view_journal")!.Value, Cancel);
}
