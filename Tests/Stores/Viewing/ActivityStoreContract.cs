using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public abstract class ActivityStoreContract(StoreFixture fixture) : ActivityContract(fixture)
{
    [Fact]
    public async Task A_session_comes_back_as_it_was_written()
    {
        var (user, title) = (await AddUserAsync(), await AddTitleAsync());
        var session = Session(user, title, watched: 42, position: 57) with { QualifiedAt = Fixture.Now, ViewRecorded = true };
        session = session with { Title = session.Title with { ViewedAt = Fixture.Now } };
        Write(Writer, 1, [session]);
        Assert.Equal(session, await Store.GetSessionAsync(user, session.SessionId, Cancel));
        Assert.Equal(session.Title, await Store.GetTitleAsync(user, title, Cancel));
        Assert.Equal(session.Resume, await Store.GetResumePositionAsync(user, title, Cancel));
    }

    [Fact]
    public async Task A_forgotten_position_is_gone_and_leaves_when_that_was()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(2));
        var (forgotten, other) = (Session(user, titles[0], watched: 42, position: 57, finished: true), Session(user, titles[1], watched: 42, position: 57));
        Write(Writer, 1, [forgotten, other]);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

        await Store.ForgetPositionAsync(user, titles[0], Fixture.Now, Cancel);
        await Store.ForgetPositionAsync(user, titles[0], Fixture.Now.AddSeconds(-1), Cancel);
        await Store.ForgetPositionAsync(user, Samples.Id(), Fixture.Now, Cancel);

        Assert.Null(await Store.GetResumePositionAsync(user, titles[0], Cancel));
        Assert.Equal(
            new TitleProgress(new ResumePosition(titles[0], 0, 600, false, Fixture.Now), null, null, IsForgotten: true),
            await Store.GetTitleAsync(user, titles[0], Cancel));
        Assert.Equal([titles[1]], (await Store.ListResumePositionsAsync(user, 10, null, Cancel)).Rows.Select(row => row.ContentId));
        Assert.Equal([titles[1]], (await Store.GetContinueWatchingAsync(user, 10, Cancel)).Select(row => row.ContentId));
        Assert.Equal(forgotten.DurationWatchedSeconds, (await Store.GetSessionAsync(user, forgotten.SessionId, Cancel))!.DurationWatchedSeconds);
        Assert.All((await Store.GetHistoryAsync(user, 10, null, Freshness.Latest, Cancel)).Titles, row => Assert.False(row.Watched));
        Assert.Equal(4, await Store.RemoveAsync(user, 10, Cancel));
    }

    [Fact]
    public async Task A_session_that_does_not_qualify_has_no_moment()
    {
        var session = Session(await AddUserAsync(), await AddTitleAsync(), watched: 1, position: 1);
        Write(Writer, 1, [session]);
        Assert.Null((await Store.GetSessionAsync(session.UserId, session.SessionId, Cancel))!.QualifiedAt);
    }

    [Fact]
    public async Task What_was_never_written_is_null_or_empty()
    {
        var (user, title) = (await AddUserAsync(), await AddTitleAsync());
        var other = Session(await AddUserAsync("another"), title, watched: 20, position: 20);
        Write(Writer, 1, [other]);

        Assert.Null(await Store.GetSessionAsync(user, Samples.Id(), Cancel));
        Assert.Null(await Store.GetSessionAsync(user, other.SessionId, Cancel));
        Assert.Null(await Store.GetResumePositionAsync(user, title, Cancel));
        Assert.Null(await Store.GetTitleAsync(user, title, Cancel));
        Assert.Empty(await Store.GetContinueWatchingAsync(user, 10, Cancel));
        var page = await Store.GetHistoryAsync(user, 10, null, Freshness.Latest, Cancel);
        Assert.Empty(page.Titles);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task All_of_a_persons_sessions_and_positions_are_listed_page_by_page()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(7));
        // Also of what is not in the catalogue any more, and what was watched to its end.
        Guid[] watched = [.. titles, Samples.Id()];
        var sessions = watched.Select((title, i) => Session(user, title, watched: 20 + i, position: 20, finished: i == 3) with
        {
            WatchedAt = Fixture.Now.AddSeconds(i / 3),
            QualifiedAt = i == 2 ? Fixture.Now : null,
        }).ToArray();
        Write(Writer, 1, [.. sessions, Session(await AddUserAsync("another"), titles[0], watched: 1, position: 1)]);

        var read = await AllAsync(after => Store.ListSessionsAsync(user, 3, after, Cancel));
        var positions = await AllAsync(after => Store.ListResumePositionsAsync(user, 3, after, Cancel));

        Assert.Equal(
            sessions.OrderByDescending(s => s.WatchedAt).ThenByDescending(s => s.SessionId.ToString(), StringComparer.Ordinal)
                .Select(s => new WatchedSession(s.SessionId, s.ContentId, s.WatchedAt, s.DurationWatchedSeconds, s.LastPositionSeconds, s.QualifiedAt)),
            read);
        Assert.Equal(Ascending(watched), positions.Select(position => position.ContentId));
        Assert.Equal(watched[3], Assert.Single(positions, position => position.Watched).ContentId);
    }

    [Fact]
    public async Task A_person_who_watched_nothing_has_empty_pages_and_nothing_to_remove()
    {
        var user = await AddUserAsync();
        var sessions = await Store.ListSessionsAsync(user, 5, null, Cancel);
        var positions = await Store.ListResumePositionsAsync(user, 5, null, Cancel);
        Assert.Equal((0, 0), (sessions.Rows.Count, positions.Rows.Count));
        Assert.Equal((null, null), (sessions.Next, positions.Next));
        Assert.Equal(0, await Store.RemoveAsync(user, 5, Cancel));
    }

    [Fact]
    public async Task What_a_person_watched_is_removed_in_bounded_batches_and_nobody_elses()
    {
        var (user, other, titles) = (await AddUserAsync(), await AddUserAsync("another"), await AddTitlesAsync(5));
        var kept = Session(other, titles[0], watched: 20, position: 20);
        Write(Writer, 1, [.. titles.Select(title => Session(user, title, watched: 20, position: 20)), kept]);

        Assert.Equal(4, await Store.RemoveAsync(user, 2, Cancel));
        Assert.Equal(3, (await Store.ListSessionsAsync(user, 10, null, Cancel)).Rows.Count);
        Assert.Equal(6, await Store.RemoveAsync(user, 10, Cancel));
        Assert.Equal(0, await Store.RemoveAsync(user, 10, Cancel));

        Assert.Empty((await Store.ListResumePositionsAsync(user, 10, null, Cancel)).Rows);
        Assert.Equal(kept, await Store.GetSessionAsync(other, kept.SessionId, Cancel));
    }

    private static async Task<List<T>> AllAsync<T>(Func<PageCursor?, Task<StorePage<T>>> read)
    {
        var rows = new List<T>();
        PageCursor? after = null;
        do
        {
            var page = await read(after);
            Assert.InRange(page.Rows.Count, 1, 3);
            rows.AddRange(page.Rows);
            after = page.Next;
        }
        while (after is not null);
        return rows;
    }

    [Fact]
    public async Task History_shows_names_times_and_positions()
    {
        var (user, title) = (await AddUserAsync("Ann"), await AddTitleAsync("The Film"));
        Write(Writer, 1, [Session(user, title, watched: 42, position: 57)]);
        Assert.Equal(
            [new WatchedTitle("Ann", "The Film", Fixture.Now, 42, title, 57, Watched: false)],
            (await Store.GetHistoryAsync(user, 10, null, Freshness.Latest, Cancel)).Titles);
    }

    [Fact]
    public async Task History_is_newest_first_with_ties_by_session_over_several_pages()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(3));
        var other = await AddUserAsync("another");
        var sessions = new List<SessionProgress>();
        for (var i = 0; i < 13; i++)
        {
            // Three sessions share each moment; the time watched tells them apart.
            if (i % 3 == 0)
                await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

            sessions.Add(Session(user, titles[i % 3], watched: i, position: 100));
            Write(Writer, i + 1, [sessions[i], Session(other, titles[0], watched: 999, position: 1)]);
        }

        var read = new List<int>();
        PageCursor? before = null;
        do
        {
            var page = await Store.GetHistoryAsync(user, 5, before, Freshness.Latest, Cancel);
            Assert.Equal(Math.Min(5, sessions.Count - read.Count), page.Titles.Length);
            read.AddRange(page.Titles.Select(row => row.DurationWatchedSeconds));
            before = page.Next;
        }
        while (before is not null);

        var expected = sessions
            .OrderByDescending(session => session.DurationWatchedSeconds / 3)
            .ThenByDescending(session => session.SessionId.ToString(), StringComparer.Ordinal);
        Assert.Equal(expected.Select(session => session.DurationWatchedSeconds), read);
    }

    [Fact]
    public async Task To_continue_are_titles_begun_and_not_finished_newest_first()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(5));
        Write(Writer, 1, [Session(user, titles[0], watched: 60, position: 60)]);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        Write(Writer, 2, [
            Session(user, titles[1], watched: 590, position: 595, finished: true),
            Session(user, titles[2], watched: 1, position: 0)]);
        await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        Write(Writer, 3, [Session(user, titles[3], watched: 70, position: 70), Session(await AddUserAsync("another"), titles[4], 80, 80)]);

        var all = await Store.GetContinueWatchingAsync(user, 10, Cancel);

        Assert.Equal([(titles[3], 70), (titles[0], 60)], all.Select(row => (row.ContentId, row.PositionSeconds)));
        Assert.Equal(all.Take(1), await Store.GetContinueWatchingAsync(user, 1, Cancel));
    }

    [Fact]
    public async Task Many_read_while_one_writes()
    {
        var (user, title) = (await AddUserAsync(), await AddTitleAsync());
        var session = Session(user, title, watched: 0, position: 30);
        var writing = Task.Run(
            () =>
            {
                for (var batch = 1; batch <= 30; batch++)
                    Write(Writer, batch, [session with { DurationWatchedSeconds = batch, LastPositionSeconds = batch }]);
            },
            Cancel);
        var readings = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Task.Run(
            () => Store.GetSessionAsync(user, session.SessionId, Cancel), Cancel)));
        await writing;

        Assert.All(readings, read => Assert.Equal(read?.DurationWatchedSeconds, read?.LastPositionSeconds));
        Assert.Equal(30, (await Store.GetSessionAsync(user, session.SessionId, Cancel))!.DurationWatchedSeconds);
    }
}

public sealed class SqliteActivityStoreTests() : ActivityStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresActivityStoreTests() : ActivityStoreContract(new ServersFixture())
{
    [Fact]
    public async Task A_title_that_left_the_catalogue_leaves_a_gap_in_the_history_and_not_its_end()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(3));
        foreach (var title in titles)
        {
            await Fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
            Write(Writer, Fixture.Now.Ticks, [Session(user, title, watched: 20, position: 20)]);
        }

        await using (var delete = ServersFixture.Connections.Metadata.CreateCommand("DELETE FROM content_metadata WHERE content_id = $1"))
        {
            delete.Parameters.AddWithValue(titles[1]);
            await delete.ExecuteNonQueryAsync(Cancel);
        }

        var first = await Store.GetHistoryAsync(user, 2, null, Freshness.Latest, Cancel);
        var second = await Store.GetHistoryAsync(user, 2, first.Next, Freshness.Latest, Cancel);
        Assert.Equal([titles[2], titles[0]], first.Titles.Concat(second.Titles).Select(row => row.ContentId));
        Assert.Null(second.Next);
    }
}
