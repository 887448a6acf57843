using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Streaming.Ledger;
using Streaming.Storage.Servers;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Ledger;

[Collection(ServersTests.Name)]
public sealed class CitusViewJournalTests() : ViewJournalContract(new ServersFixture())
{
    private const string Writer = "silo-1";

    private static NpgsqlDataSource Metadata => ServersFixture.Connections.Metadata;

    [Fact]
    public async Task A_writer_that_was_taken_over_cannot_append_any_more()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3)));
        await Fixture.ReopenJournal().CloseWriterAsync(Writer, Cancel);

        Assert.Throws<WriterGoneException>(() => Fixture.Journal.Append(Writer, 2, Unkeyed((title, 4))));
        // Nor the batch whose answer it never got.
        Assert.Throws<WriterGoneException>(() => Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3))));

        Assert.Equal(0, (await Fixture.Journal.ApplyAsync(Writer, Cancel)).Batches);
        Assert.Equal(3, await Fixture.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task A_take_over_waits_for_an_append_in_flight_and_counts_it()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        await using var connection = await Metadata.OpenConnectionAsync(Cancel);
        await using var append = await connection.BeginTransactionAsync(Cancel);
        await ExecuteAsync(connection, "INSERT INTO view_journal (writer_id, batch_no, content_ids, counts) VALUES ($1, 1, $2, '{5}')", Writer, new[] { title });

        var takeOver = Task.Run(() => Fixture.ReopenJournal().CloseWriterAsync(Writer, Cancel), Cancel);
        await Poll.UntilAsync(async () => await CountAsync($"SELECT count(*) FROM {await ActivityAsync()} WHERE wait_event_type = 'Lock' AND query LIKE '%ledger_writers%FOR UPDATE%'") > 0
            ? null : "the take-over does not wait");
        Assert.False(takeOver.IsCompleted);
        await append.CommitAsync(Cancel);

        Assert.Equal(1, (await takeOver).Batches);
        Assert.Equal(5, await Fixture.Journal.GetTotalAsync(title, Cancel));
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM view_journal"));
    }

    [Theory]
    [InlineData(LostCommit.Made)]
    [InlineData(LostCommit.NotMade)]
    public async Task A_step_whose_commit_was_not_answered_is_told_by_the_next_call(LostCommit how)
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        var server = new NpgsqlConnectionStringBuilder(TestServers.Metadata);
        await using var relay = new CommitRelay(server.Host!, server.Port);
        (server.Host, server.Port, server.SslMode) = ("127.0.0.1", relay.Start(), SslMode.Disable);
        var options = TestServers.Connections;
        options.Metadata = server.ConnectionString;
        await using var connections = new ServerConnections(options);
        using var copies = new RedisCopies(connections, Loops.OfTests(), TimeProvider.System, NullLogger<RedisCopies>.Instance);
        var journal = new CitusViewJournal(connections, copies);
        await journal.OpenWriterAsync(Writer, Cancel);
        journal.Append(Writer, 1, Unkeyed((title, 3)));

        relay.LoseNext(how);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => journal.ApplyAsync(Writer, Cancel));
        journal.Append(Writer, 2, Unkeyed((other, 4)));

        Assert.Equal([new AppliedTitle(title, 3, 3)], (await journal.ApplyAsync(Writer, Cancel)).Titles);
        Assert.Equal([new AppliedTitle(other, 4, 4)], (await journal.ApplyAsync(Writer, Cancel)).Titles);
        Assert.Equal(0, (await journal.ApplyAsync(Writer, Cancel)).Batches);
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM view_journal"));
    }

    [Fact]
    public async Task Appends_of_a_living_writer_do_not_wait_for_its_apply()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        await using var connection = await Metadata.OpenConnectionAsync(Cancel);
        await using var apply = await connection.BeginTransactionAsync(Cancel);
        await ExecuteAsync(connection, "UPDATE ledger_writers SET applied_batch = 0 WHERE writer_id = $1", Writer);

        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3)));

        await apply.RollbackAsync(Cancel);
        await Fixture.Journal.ApplyAsync(Writer, Cancel);
        Assert.Equal(3, await Fixture.Journal.GetTotalAsync(title, Cancel));
    }

    [Fact]
    public async Task Views_accepted_just_before_midnight_and_applied_after_it_count_for_the_day_before()
    {
        var title = await AddTitleAsync();
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((title, 3)));
        Fixture.Journal.Append(Writer, 2, Unkeyed((title, 40)));
        var midnight = new DateTimeOffset(Fixture.Now.UtcDateTime.Date, TimeSpan.Zero);
        foreach (var (batch, moment) in ((int, DateTimeOffset)[])[(1, midnight.AddMilliseconds(-1)), (2, midnight)])
            await RunAsync("UPDATE view_journal SET accepted_at = $1 WHERE batch_no = $2", moment, batch);

        await Fixture.Journal.ApplyAsync(Writer, Cancel);

        var before = midnight.AddMilliseconds(-1);
        Assert.Equal((3, 3), (await ViewsAsync(TrendingWindow.Hour, before), await ViewsAsync(TrendingWindow.Day, before)));
        Assert.Equal((40, 40), (await ViewsAsync(TrendingWindow.Hour, midnight), await ViewsAsync(TrendingWindow.Day, midnight)));
    }

    [Fact]
    public async Task What_cannot_be_added_is_set_aside_and_all_the_rest_counts()
    {
        var titles = await AddTitlesAsync(7);
        var full = titles[3];
        await RunAsync("INSERT INTO content_views (content_id, views) VALUES ($1, $2)", full, long.MaxValue - 1);
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        var receipt = Samples.Id();
        for (var batch = 1; batch <= 5; batch++)
        {
            Fixture.Journal.Append(Writer, batch, batch == 4
                ? new JournalEntries([.. titles, full, titles[0]], [1, 1, 1, 10, 1, 1, 1, 20, 7], [Samples.Id(), receipt])
                : Unkeyed([.. titles.Where(title => title != full).Select(title => (title, 1L))]));
        }

        var quarantined = 0;
        while (await Fixture.Journal.ApplyAsync(Writer, Cancel) is { Batches: > 0 } step)
            quarantined += step.Quarantined;

        Assert.Equal(1, quarantined);
        Assert.Equal((12, 5), (await Fixture.Journal.GetTotalAsync(titles[0], Cancel), await Fixture.Journal.GetTotalAsync(titles[6], Cancel)));
        Assert.Equal(long.MaxValue - 1, await Fixture.Journal.GetTotalAsync(full, Cancel));
        Assert.Equal(
            1, await CountAsync("SELECT count(*) FROM view_journal_quarantine WHERE batch_no = 4 AND counts = '{10,20}' AND cardinality(receipts) = 1 AND reason <> ''"));
        Assert.Equal(0, await CountAsync("SELECT count(*) FROM view_journal"));
    }

    [Fact]
    public async Task A_dead_writer_with_entries_that_cannot_be_added_is_taken_over_all_the_same()
    {
        var titles = await AddTitlesAsync(2);
        await RunAsync("INSERT INTO content_views (content_id, views) VALUES ($1, $2)", titles[1], long.MaxValue);
        await Fixture.Journal.OpenWriterAsync(Writer, Cancel);
        Fixture.Journal.Append(Writer, 1, Unkeyed((titles[0], 1), (titles[1], 1)));

        var rest = await Fixture.Journal.CloseWriterAsync(Writer, Cancel);

        Assert.Equal((1, 1), (rest.Batches, rest.Quarantined));
        Assert.Equal(1, await Fixture.Journal.GetTotalAsync(titles[0], Cancel));
        Assert.Empty(await Fixture.Journal.ListWritersAsync(Cancel));
    }

    [Fact]
    public async Task Two_silos_that_apply_the_same_titles_at_once_lose_nothing()
    {
        const int batches = 30;
        var titles = await AddTitlesAsync(200);
        string[] writers = ["silo-1", "silo-2", "silo-3"];
        await Task.WhenAll(writers.Select(writer => Task.Run(
            async () =>
            {
                var journal = Fixture.ReopenJournal();
                await journal.OpenWriterAsync(writer, Cancel);
                for (var batch = 1; batch <= batches; batch++)
                {
                    journal.Append(writer, batch, Unkeyed([.. titles.Select(title => (title, 1L))]));
                    await journal.ApplyAsync(writer, Cancel);
                }
            },
            Cancel)));

        var totals = await Fixture.Journal.GetTotalsAsync(titles, Cancel);
        Assert.All(titles, title => Assert.Equal(writers.Length * batches, totals[title]));
    }

    /// <summary>What the sessions do: on Citus those of the workers too, where the shards' locks are.</summary>
    private static async Task<string> ActivityAsync() =>
        await CountAsync("SELECT count(*) FROM pg_extension WHERE extname = 'citus'") > 0 ? "citus_stat_activity" : "pg_stat_activity";

    private static async Task RunAsync(string sql, params object[] values)
    {
        await using var connection = await Metadata.OpenConnectionAsync(Cancel);
        await ExecuteAsync(connection, sql, values);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });

        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<long> CountAsync(string sql)
    {
        await using var command = Metadata.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
