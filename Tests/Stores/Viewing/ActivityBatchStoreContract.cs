using Streaming.Storage.Servers;
using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public abstract class ActivityBatchStoreContract(StoreFixture fixture) : ActivityContract(fixture)
{
    private static readonly DateOnly Day = new(2026, 3, 14);

    [Fact]
    public async Task A_batch_that_was_written_before_changes_nothing()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        Write(Writer, 1, [session]);
        Write(Writer, 1, [session with { DurationWatchedSeconds = 99, LastPositionSeconds = 99 }]);
        Assert.Equal(session, await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel));
    }

    [Fact]
    public async Task A_batch_older_than_the_last_one_changes_nothing()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        Write(Writer, 2, [session]);
        Write(Writer, 1, [session with { LastPositionSeconds = 99 }]);
        Assert.Equal(session, await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel));
    }

    [Fact]
    public async Task Every_writer_begins_with_batch_one()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        Write(Writer, 7, [session]);
        Write("silo-2", 1, [session with { DurationWatchedSeconds = 30 }]);
        Assert.Equal(30, (await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel))!.DurationWatchedSeconds);
    }

    [Fact]
    public async Task Watched_time_the_qualifying_moment_and_watched_never_move_back()
    {
        var first = Session(await AddUserAsync(), await AddTitleAsync(), watched: 500, position: 595, finished: true) with
        {
            QualifiedAt = Fixture.Now,
            ViewRecorded = true,
        };
        Write(Writer, 1, [first]);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        var second = Session(first.UserId, first.ContentId, watched: 3, position: 60) with
        {
            SessionId = first.SessionId,
            QualifiedAt = Fixture.Now,
        };

        Write(Writer, 2, [second]);

        var stored = (await Store.GetSessionAsync(first.UserId, first.SessionId, Cancel))!;
        Assert.Equal((500, true), (stored.DurationWatchedSeconds, stored.ViewRecorded));
        Assert.True(stored.QualifiedAt < Fixture.Now);
        Assert.Equal((60, 60, true), (stored.LastPositionSeconds, stored.Resume.PositionSeconds, stored.Resume.Watched));
        Assert.Equal(Fixture.Now, stored.WatchedAt);
    }

    [Fact]
    public async Task A_later_period_of_a_session_takes_the_place_of_the_earlier_one_and_not_the_other_way_round()
    {
        var first = Session(await AddUserAsync(), await AddTitleAsync(), watched: 500, position: 500) with { QualifiedAt = Fixture.Now, ViewRecorded = true };
        await Fixture.AdvanceAsync(TimeSpan.FromHours(1));
        var second = first with
        {
            WatchedAt = Fixture.Now,
            DurationWatchedSeconds = 503,
            QualifiedAt = null,
            ViewRecorded = false,
            Period = new ViewingPeriod(Fixture.Now, Fixture.Now, WatchedBeforeSeconds: 500, AllowanceSeconds: 12.5, OwedSeconds: 1),
        };

        Write(Writer, 1, [first]);
        Write(Writer, 2, [second]);
        Assert.Equal(second, await Store.GetSessionAsync(first.UserId, first.SessionId, Cancel));
        Write("silo-2", 1, [first with { DurationWatchedSeconds = 501 }]);
        Write("silo-2", 2, [first, second]);
        Write("silo-2", 3, [second, first]);
        Assert.Equal(second, await Store.GetSessionAsync(first.UserId, first.SessionId, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_position_does_not_go_back_to_an_earlier_moment_whichever_comes_first(bool together)
    {
        var (user, title) = (await AddUserAsync(), await AddTitleAsync());
        var older = Session(user, title, watched: 20, position: 300);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        var newer = Session(user, title, watched: 20, position: 200);
        var viewed = newer.Title with { ViewedAt = Fixture.Now };
        newer = newer with { Title = viewed };
        if (together)
            Write(Writer, 1, [newer, older]);

        Write(Writer, 2, [newer]);
        Write(Writer, 3, [older with { Title = older.Title with { Resume = older.Resume with { Watched = true } } }]);

        Assert.Equal(viewed with { Resume = viewed.Resume with { Watched = true } }, await Store.GetTitleAsync(user, title, Cancel));
    }

    [Fact]
    public async Task An_older_heartbeat_moves_no_session_back()
    {
        var newer = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 300);
        var older = newer with { WatchedAt = Fixture.Now.AddMinutes(-1), LastPositionSeconds = 200, DurationWatchedSeconds = 10 };
        Write(Writer, 1, [newer]);
        Write(Writer, 2, [older]);
        Write(Writer, 3, [newer, older]);
        Assert.Equal(newer, await Store.GetSessionAsync(newer.UserId, newer.SessionId, Cancel));
    }

    [Fact]
    public async Task A_later_session_of_a_title_keeps_it_watched_and_moves_its_position()
    {
        var (user, title) = (await AddUserAsync(), await AddTitleAsync());
        Write(Writer, 1, [Session(user, title, watched: 500, position: 590, finished: true)]);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        Write(Writer, 2, [Session(user, title, watched: 60, position: 60)]);

        Assert.Equal((60, true), await Store.GetResumePositionAsync(user, title, Cancel) is { } resume ? (resume.PositionSeconds, resume.Watched) : default);
        Assert.All((await Store.GetHistoryAsync(user, 10, null, Freshness.Latest, Cancel)).Titles, row => Assert.True(row.Watched));
    }

    [Fact]
    public async Task The_last_of_two_states_in_one_batch_stands()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        Write(Writer, 1, [session, session with { DurationWatchedSeconds = 30, LastPositionSeconds = 31 }]);
        var stored = await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel);
        Assert.Equal((30, 31), (stored!.DurationWatchedSeconds, stored.LastPositionSeconds));
    }

    [Fact]
    public async Task A_refused_batch_leaves_nothing_behind_and_the_next_one_is_written()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        var refused = Session(session.UserId, await AddTitleAsync(), watched: 20, position: 21);
        var allow = await Fixture.RefuseHistoryAtAsync(21);
        try
        {
            Assert.Throws<StoreRefusedException>(() => Write(Writer, 1, [session, refused]));
            Assert.Null(await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel));
        }
        finally
        {
            await allow();
        }

        Write(Writer, 2, [session]);
        Assert.Equal(session, await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel));
    }

    [Fact]
    public async Task What_somebody_did_who_is_gone_is_left_out_and_the_rest_of_the_batch_is_written()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        var ofNobody = Session(Samples.Id(), session.ContentId, watched: 20, position: 20);

        Write(Writer, 1, [ofNobody, session]);

        Assert.Equal(session, await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel));
        Assert.Empty((await Store.ListSessionsAsync(ofNobody.UserId, 10, null, Cancel)).Rows);
        Assert.Null(await Store.GetResumePositionAsync(ofNobody.UserId, session.ContentId, Cancel));
    }

    [Fact]
    public async Task Downloads_of_a_person_and_a_day_add_up_over_batches_and_writers()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        Write(Writer, 1, [], new(user, Day, 100), new(other, Day, 7), new(user, Day.AddDays(1), 1));
        Write("silo-2", 1, [], new(user, Day, 20), new(user, Day, 3));
        Write(Writer, 2, [], new(other, Day, 0), new(user, Day, 5_000_000_000));

        Assert.Equal([new(user, Day, 5_000_000_123), new(user, Day.AddDays(1), 1)], await DownloadsAsync(user));
        Assert.Equal([new(other, Day, 7)], await DownloadsAsync(other));
        Assert.Equal(5_000_000_123, (await Fixture.Quotas.GetUsageAsync(user, Day, [], Cancel))!.DownloadedBytes);
        Assert.Equal(0, (await Fixture.Quotas.GetUsageAsync(user, Day.AddDays(-1), [], Cancel))!.DownloadedBytes);
    }

    [Fact]
    public async Task Downloads_of_a_batch_that_is_repeated_count_once()
    {
        var user = await AddUserAsync();
        for (var time = 0; time < 3; time++)
            Write(Writer, 1, [], new DownloadedBytes(user, Day, 100));

        Assert.Equal([new(user, Day, 100)], await DownloadsAsync(user));
    }

    [Fact]
    public async Task Downloads_of_a_refused_batch_do_not_count()
    {
        var user = await AddUserAsync();
        var refused = Session(user, await AddTitleAsync(), watched: 20, position: 21);
        var allow = await Fixture.RefuseHistoryAtAsync(21);
        Assert.Throws<StoreRefusedException>(() => Write(Writer, 1, [refused], new DownloadedBytes(user, Day, 100)));
        await allow();

        Write(Writer, 1, [], new DownloadedBytes(user, Day, 1));

        Assert.Equal([new(user, Day, 1)], await DownloadsAsync(user));
    }

    [Fact]
    public async Task Downloads_of_somebody_who_is_gone_are_left_out_and_go_with_the_account()
    {
        var (user, gone) = (await AddUserAsync(), await AddUserAsync("another"));
        Write(Writer, 1, [], new DownloadedBytes(gone, Day, 100));
        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(gone, Cancel));
        Assert.Empty(await DownloadsAsync(gone));

        Write(Writer, 2, [], new(gone, Day, 100), new(Samples.Id(), Day, 100), new(user, Day, 100));

        Assert.Empty(await DownloadsAsync(gone));
        Assert.Equal([new(user, Day, 100)], await DownloadsAsync(user));
    }

    [Fact]
    public async Task Many_writers_lose_nothing_of_each_others_downloads()
    {
        Guid[] users = [await AddUserAsync(), await AddUserAsync("another"), await AddUserAsync("a third")];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(
            () =>
            {
                for (var batch = 1; batch <= 20; batch++)
                {
                    // Each in an order of its own.
                    Write($"silo-{writer}", batch, [], [.. users.Select((_, i) => new DownloadedBytes(users[(i + writer + batch) % users.Length], Day, 1))]);
                }
            },
            Cancel)));

        foreach (var user in users)
            Assert.Equal([new(user, Day, 80)], await DownloadsAsync(user));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task All_of_a_persons_days_are_listed_page_by_page(int limit)
    {
        var user = await AddUserAsync();
        var days = Enumerable.Range(0, 7).Select(i => new DownloadedBytes(user, Day.AddDays(i * 11), i)).ToArray();
        Write(Writer, 1, [], [.. days.Reverse(), new DownloadedBytes(await AddUserAsync("another"), Day.AddDays(1), 9)]);

        var read = new List<DownloadedBytes>();
        PageCursor? after = null;
        do
        {
            var page = await Fixture.Quotas.ListDownloadsAsync(user, after, limit, Cancel);
            Assert.InRange(page.Rows.Count, 1, limit);
            read.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(days, read);
        Assert.Equal(7, (await Fixture.Quotas.ListDownloadsAsync(user, new PageCursor(long.MinValue, user), 10, Cancel)).Rows.Count);
        Assert.Empty((await Fixture.Quotas.ListDownloadsAsync(user, new PageCursor(long.MaxValue, user), 10, Cancel)).Rows);
    }

    private async Task<IReadOnlyList<DownloadedBytes>> DownloadsAsync(Guid user) =>
        (await Fixture.Quotas.ListDownloadsAsync(user, null, 100, Cancel)).Rows;
}

public sealed class SqliteActivityBatchStoreTests() : ActivityBatchStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresActivityBatchStoreTests() : ActivityBatchStoreContract(new ServersFixture())
{
    [Fact]
    public async Task Guards_that_nobody_has_needed_for_a_week_go_when_another_writer_begins()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 20, position: 20);
        Write("long gone", 3, [session]);
        Write("of late", 3, [session]);
        await RunAsync("UPDATE activity_writers SET updated_at = now() - interval '8 days' WHERE writer_id = 'long gone'");
        await RunAsync("UPDATE activity_writers SET updated_at = now() - interval '6 days' WHERE writer_id = 'of late'");

        Write(Writer, 1, [session]);

        await using var select = ServersFixture.Connections.Analytics.CreateCommand("SELECT array_agg(writer_id ORDER BY writer_id) FROM activity_writers");
        Assert.Equal(["of late", Writer], (string[])(await select.ExecuteScalarAsync(Cancel))!);
    }

    [Fact]
    public async Task A_batch_that_finds_no_server_was_certainly_not_written()
    {
        await using var stores = ReplicatedStores.Open(connections => connections.Analytics = "Host=127.0.0.1;Port=1;Database=nowhere;Username=nobody");
        Assert.Throws<StoreRefusedException>(() => new PostgresActivityBatchStore(stores.Connections).Write(Writer, 1, new ActivityBatch([], [])));
    }

    private static async Task RunAsync(string sql)
    {
        await using var command = ServersFixture.Connections.Analytics.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
