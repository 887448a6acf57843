using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

public sealed partial class UserGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const int Duration = 1000;

    [Fact]
    public async Task Progress_of_an_unknown_person_is_refused()
    {
        var grain = Grain(silo.Samples.Id());
        Assert.Equal(ProgressRejection.UnknownUser, (await grain.RecordProgressAsync(Report(await silo.AddTitleAsync(), 10))).Rejection);
        Assert.Empty((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
        Assert.Null(await grain.GetProgressAsync(silo.Samples.Id(), TestContext.Current.CancellationToken));
        Assert.Empty(await grain.GetContinueWatchingAsync(10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Progress_of_an_unknown_title_is_refused()
    {
        var grain = Grain(await silo.AddUserAsync());
        Assert.Equal(ProgressRejection.UnknownTitle, (await grain.RecordProgressAsync(Report(silo.Samples.Id(), 10))).Rejection);
        Assert.Empty((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
    }

    [Fact]
    public async Task A_session_counts_one_view_when_it_has_watched_ten_seconds()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        var first = await grain.RecordProgressAsync(Report(title, 5));
        Assert.Equal((Outcome.Committed, 5, false), (first.Outcome, first.DurationWatchedSeconds, first.ViewCounted));
        Assert.Equal(0, await silo.LiveAsync(title));

        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(5));
        var second = await grain.RecordProgressAsync(Report(title, 10));
        Assert.Equal((10, true, false), (second.DurationWatchedSeconds, second.ViewCounted, second.CountedBefore));
        Assert.Equal(1, await silo.LiveAsync(title));

        // Goes on over the turn of an hour, and pauses: still the same viewing.
        for (var minutes = 0; minutes < 120; minutes += 29)
        {
            await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(29));
            var later = await grain.RecordProgressAsync(Report(title, 500 + minutes));
            Assert.Equal((true, true), (later.ViewCounted, later.CountedBefore));
        }

        Assert.Equal(1, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task A_first_heartbeat_is_never_a_view_wherever_it_stands()
    {
        var grain = Grain(await silo.AddUserAsync());
        foreach (var position in (int[])[10, 15, 30, 999, 1000])
        {
            var title = await silo.AddTitleAsync();
            Assert.False((await grain.RecordProgressAsync(Report(title, position))).ViewCounted);
            // Nor two, before half of it has passed.
            await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(4));
            Assert.False((await grain.RecordProgressAsync(Report(title, position + 10))).ViewCounted);
            Assert.Equal(0, await silo.LiveAsync(title));
        }
    }

    [Fact]
    public async Task Heartbeats_that_come_faster_than_time_watch_one_tolerance()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => grain.RecordProgressAsync(Report(title, i % 2 * 15))));
        var result = await grain.RecordProgressAsync(Report(title, 15));
        Assert.Equal((15, false), (result.DurationWatchedSeconds, result.ViewCounted));
    }

    [Fact]
    public async Task Parallel_heartbeats_of_one_session_add_once()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 0));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(30));
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.RecordProgressAsync(Report(title, 30))));

        Assert.All(results, result => Assert.Equal((30, true), (result.DurationWatchedSeconds, result.ViewCounted)));
        Assert.Single(results, result => !result.CountedBefore);
        await silo.UntilAppliedAsync(title, 1);
    }

    [Fact]
    public async Task Sessions_of_one_person_become_views_a_bounded_number_at_a_time()
    {
        var grain = Grain(await silo.AddUserAsync());
        var titles = new List<Guid>();
        for (var i = 0; i < 38; i++)
            titles.Add(await silo.AddTitleAsync());

        Assert.DoesNotContain(await BeatAllAsync(0), result => result.ViewCounted);
        Assert.DoesNotContain(await BeatAllAsync(10), result => result.ViewCounted);
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var most = new ViewingOptions().ParallelSessions;
        Assert.Equal(most, (await BeatAllAsync(20)).Count(result => result.ViewCounted));
        Assert.Equal(most, (await BeatAllAsync(21)).Count(result => result.ViewCounted));

        // Who really plays so many counts with the next heartbeats.
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2 * most, (await BeatAllAsync(30)).Count(result => result.ViewCounted));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(await BeatAllAsync(40), result => !result.ViewCounted);

        async Task<List<ProgressResult>> BeatAllAsync(int position)
        {
            var results = new List<ProgressResult>();
            foreach (var title in titles)
                results.Add(await grain.RecordProgressAsync(Report(title, position)));

            return results;
        }
    }

    [Fact]
    public async Task Two_sessions_of_one_hour_count_once_and_one_of_the_next_hour_again()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await AtTheHourAsync();
        Assert.False((await WatchAsync(grain, title, "first")).CountedBefore);
        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(58));
        Assert.True((await WatchAsync(grain, title, "second")).CountedBefore);
        await silo.UntilAppliedAsync(title, 1);
        Assert.Equal(1, await silo.LiveAsync(title));

        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.False((await WatchAsync(grain, title, "third")).CountedBefore);
        await silo.UntilAppliedAsync(title, 2);
    }

    [Fact]
    public async Task A_session_id_that_is_kept_for_ever_is_another_viewing_after_a_long_pause()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await AtTheHourAsync();
        var counted = await WatchAsync(grain, title, "for ever");
        await silo.DeactivateAsync(grain);
        await silo.Stores.AdvanceAsync(TimeSpan.FromHours(1));

        var opened = await grain.RecordProgressAsync(Report(title, 10, "for ever"));
        Assert.Equal((false, false), (opened.ViewCounted, opened.CountedBefore));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var again = await grain.RecordProgressAsync(Report(title, 20, "for ever"));
        Assert.Equal((true, false), (again.ViewCounted, again.CountedBefore));
        Assert.Equal(counted.DurationWatchedSeconds + 10, again.DurationWatchedSeconds);
        await silo.UntilAppliedAsync(title, 2);

        // Another one within the hour is no further view.
        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(31));
        await grain.RecordProgressAsync(Report(title, 30, "for ever"));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var third = await grain.RecordProgressAsync(Report(title, 40, "for ever"));
        Assert.Equal((true, true), (third.ViewCounted, third.CountedBefore));
        Assert.Equal(2, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task Two_people_count_twice()
    {
        var title = await silo.AddTitleAsync();
        await WatchAsync(Grain(await silo.AddUserAsync()), title, "a session");
        await WatchAsync(Grain(await silo.AddUserAsync()), title, "a session");
        await silo.UntilAppliedAsync(title, 2);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    [InlineData(9, 3)]
    public async Task A_players_duration_makes_no_view_easier(int position, int duration)
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(new ProgressReport(title, 0, duration, "s"));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(9));
        Assert.False((await grain.RecordProgressAsync(new ProgressReport(title, position, duration, "s"))).ViewCounted);
    }

    [Fact]
    public async Task Without_a_duration_the_catalogues_counts_and_without_that_nothing_is_judged()
    {
        var (grain, unknown, known) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync(), await silo.AddTitleAsync(minutes: 60));

        var kept = await grain.RecordProgressAsync(new ProgressReport(unknown, 7_000, 0, "s"));
        Assert.Equal((7_000, 0, false), (kept.Resume!.PositionSeconds, kept.Resume.DurationSeconds, kept.Resume.Watched));
        var begun = await grain.RecordProgressAsync(new ProgressReport(known, 100, 0, "s"));
        Assert.Equal((0, 3_600, false), (begun.Resume!.PositionSeconds, begun.Resume.DurationSeconds, begun.Resume.Watched));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var finished = await grain.RecordProgressAsync(new ProgressReport(known, 3_700, 0, "s"));
        Assert.Equal((0, true), (finished.Resume!.PositionSeconds, finished.Resume.Watched));
        Assert.Equal(3_600, (await grain.GetHistoryAsync(1, null, cancellationToken: TestContext.Current.CancellationToken)).Titles[0].LastPositionSeconds);
    }

    [Fact]
    public async Task A_players_duration_alone_finishes_no_title_whose_length_is_known()
    {
        var (grain, known, unknown) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync(minutes: 120), await silo.AddTitleAsync());

        Assert.Equal((1, false), Resumed(await grain.RecordProgressAsync(new ProgressReport(known, 1, 1, "s"))));
        Assert.Equal((900, false), Resumed(await grain.RecordProgressAsync(new ProgressReport(known, 900, 900, "s"))));
        Assert.Equal((0, true), Resumed(await grain.RecordProgressAsync(new ProgressReport(known, 7_000, 7_100, "s"))));
        Assert.Equal((0, true), Resumed(await grain.RecordProgressAsync(new ProgressReport(unknown, 900, 900, "s"))));

        static (int, bool) Resumed(ProgressResult result) => (result.Resume!.PositionSeconds, result.Resume.Watched);
    }

    [Fact]
    public async Task A_jump_forward_watches_nothing_and_counts_no_view()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        var result = await grain.RecordProgressAsync(Report(title, 800));
        Assert.Equal((0, false, 800), (result.DurationWatchedSeconds, result.ViewCounted, result.Resume!.PositionSeconds));
        Assert.Equal(0, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task History_shows_a_heartbeat_as_soon_as_it_is_answered()
    {
        var (user, title) = (await silo.AddUserAsync("Ann"), await silo.AddTitleAsync("The Film"));
        var grain = Grain(user);
        Assert.Empty((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
        for (var position = 10; position <= 50; position += 10)
        {
            await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
            await grain.RecordProgressAsync(Report(title, position));
            Assert.Equal(
                [new WatchedTitle("Ann", "The Film", silo.Stores.Now, position, title, position, Watched: false)],
                (await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
        }
    }

    [Fact]
    public async Task A_session_goes_on_in_the_next_activation()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 8));
        await silo.DeactivateAsync(grain);
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(5));
        var second = await grain.RecordProgressAsync(Report(title, 13));
        Assert.Equal((13, true), (second.DurationWatchedSeconds, second.ViewCounted));

        await silo.DeactivateAsync(grain);
        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(29));
        Assert.True((await grain.RecordProgressAsync(Report(title, 20))).ViewCounted);
        await silo.UntilAppliedAsync(title, 1);
        Assert.Equal(1, await silo.LiveAsync(title));
        Assert.Single((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
    }

    [Fact]
    public async Task A_new_session_begins_at_the_position_that_the_last_one_left()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 500, "yesterday"));
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.Equal(10, (await grain.RecordProgressAsync(Report(title, 510, "today"))).DurationWatchedSeconds);
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var result = await grain.RecordProgressAsync(Report(title, 520, "today"));
        Assert.Equal((20, true), (result.DurationWatchedSeconds, result.ViewCounted));
    }

    private IUserGrain Grain(Guid user) => silo.Grains.GetGrain<IUserGrain>(user);

    private static ProgressReport Report(Guid title, int position, string session = "a session") => new(title, position, Duration, session);

    /// <summary>Ten seconds from the start.</summary>
    private async Task<ProgressResult> WatchAsync(IUserGrain grain, Guid title, string session)
    {
        await grain.RecordProgressAsync(Report(title, 0, session));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        var result = await grain.RecordProgressAsync(Report(title, 10, session));
        Assert.True(result.ViewCounted);
        return result;
    }

    private Task AtTheHourAsync() =>
        silo.Stores.AdvanceAsync(TimeSpan.FromHours(1) - TimeSpan.FromTicks(silo.Stores.Now.Ticks % TimeSpan.TicksPerHour));
}
