using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

public sealed class UserGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const int Duration = 1000;

    [Fact]
    public async Task Progress_of_an_unknown_person_is_refused()
    {
        var grain = Grain(silo.Samples.Id());
        Assert.Equal(ProgressStatus.UnknownUser, (await grain.RecordProgressAsync(Report(await silo.AddTitleAsync(), 10))).Status);
        Assert.Empty((await grain.GetHistoryAsync(10, null)).Titles);
        Assert.Null(await grain.GetProgressAsync(silo.Samples.Id()));
        Assert.Empty(await grain.GetContinueWatchingAsync(10));
    }

    [Fact]
    public async Task Progress_of_an_unknown_title_is_refused()
    {
        var grain = Grain(await silo.AddUserAsync());
        Assert.Equal(ProgressStatus.UnknownTitle, (await grain.RecordProgressAsync(Report(silo.Samples.Id(), 10))).Status);
        Assert.Empty((await grain.GetHistoryAsync(10, null)).Titles);
    }

    [Fact]
    public async Task A_session_counts_one_view_when_it_has_watched_ten_seconds()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        var first = await grain.RecordProgressAsync(Report(title, 5));
        Assert.Equal((ProgressStatus.Saved, 5, false), (first.Status, first.DurationWatchedSeconds, first.ViewCounted));
        Assert.Equal(0, await silo.LiveAsync(title));

        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(5));
        var second = await grain.RecordProgressAsync(Report(title, 10));
        Assert.Equal((ProgressStatus.Saved, 10, true), (second.Status, second.DurationWatchedSeconds, second.ViewCounted));
        Assert.Equal(1, await silo.LiveAsync(title));

        await silo.Stores.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.True((await grain.RecordProgressAsync(Report(title, 500))).ViewCounted);
        Assert.Equal(1, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task Two_sessions_of_one_hour_count_once_and_one_of_the_next_hour_again()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await AtTheHourAsync();
        Assert.True((await grain.RecordProgressAsync(Report(title, 10, "first"))).ViewCounted);
        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(59));
        await WatchAsync(grain, title, "second");
        await silo.UntilAppliedAsync(title, 1);
        Assert.Equal(1, await silo.LiveAsync(title));

        await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(1));
        await WatchAsync(grain, title, "third");
        await silo.UntilAppliedAsync(title, 2);
    }

    [Fact]
    public async Task Two_people_count_twice()
    {
        var title = await silo.AddTitleAsync();
        await WatchAsync(Grain(await silo.AddUserAsync()), title, "a session");
        await WatchAsync(Grain(await silo.AddUserAsync()), title, "a session");
        await silo.UntilAppliedAsync(title, 2);
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
    public async Task A_position_is_resumed_forgotten_and_finished_by_the_published_rules()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await AssertResumeAsync(position: 500, resume: 500, watched: false);
        await AssertResumeAsync(position: 49, resume: 0, watched: false);
        await AssertResumeAsync(position: 901, resume: 0, watched: true);
        await AssertResumeAsync(position: 300, resume: 300, watched: true);

        async Task AssertResumeAsync(int position, int resume, bool watched)
        {
            var result = await grain.RecordProgressAsync(Report(title, position));
            Assert.Equal(new ResumePosition(title, resume, Duration, watched, silo.Stores.Now), result.Resume);
            Assert.Equal(result.Resume, await grain.GetProgressAsync(title));
        }
    }

    [Fact]
    public async Task A_title_finished_in_one_session_stays_watched_in_another()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 500, "in the kitchen"));
        await grain.RecordProgressAsync(Report(title, 950, "in the living room"));
        var result = await grain.RecordProgressAsync(Report(title, 510, "in the kitchen"));

        Assert.True(result.Resume!.Watched);
        Assert.True((await grain.GetProgressAsync(title))!.Watched);
    }

    [Fact]
    public async Task History_shows_a_heartbeat_as_soon_as_it_is_answered()
    {
        var (user, title) = (await silo.AddUserAsync("Ann"), await silo.AddTitleAsync("The Film"));
        var grain = Grain(user);
        Assert.Empty((await grain.GetHistoryAsync(10, null)).Titles);
        for (var position = 10; position <= 50; position += 10)
        {
            await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
            await grain.RecordProgressAsync(Report(title, position));
            Assert.Equal(
                [new WatchedTitle("Ann", "The Film", silo.Stores.Now, position, title, position, Watched: false)],
                (await grain.GetHistoryAsync(10, null)).Titles);
        }
    }

    [Fact]
    public async Task A_session_goes_on_in_the_next_activation()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 8));
        await silo.DeactivateAsync(grain);
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(4));
        var second = await grain.RecordProgressAsync(Report(title, 12));
        Assert.Equal((12, true), (second.DurationWatchedSeconds, second.ViewCounted));

        await silo.DeactivateAsync(grain);
        await silo.Stores.AdvanceAsync(TimeSpan.FromHours(3));
        Assert.True((await grain.RecordProgressAsync(Report(title, 20))).ViewCounted);
        await silo.UntilAppliedAsync(title, 1);
        Assert.Equal(1, await silo.LiveAsync(title));
        Assert.Single((await grain.GetHistoryAsync(10, null)).Titles);
    }

    [Fact]
    public async Task A_new_session_begins_at_the_position_that_the_last_one_left()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 500, "yesterday"));
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(1));
        var result = await grain.RecordProgressAsync(Report(title, 510, "today"));
        Assert.Equal((10, true), (result.DurationWatchedSeconds, result.ViewCounted));
    }

    [Fact]
    public async Task History_is_paged_newest_first()
    {
        var grain = Grain(await silo.AddUserAsync());
        for (var i = 0; i < 13; i++)
        {
            await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(1));
            await grain.RecordProgressAsync(Report(await silo.AddTitleAsync($"{i}"), 100));
        }

        var first = await grain.GetHistoryAsync(10, null);
        var second = await grain.GetHistoryAsync(10, first.Next);
        Assert.Equal(
            Enumerable.Range(0, 13).Reverse().Select(i => $"{i}"), first.Titles.Concat(second.Titles).Select(row => row.Title));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Titles_begun_and_not_finished_are_to_be_continued()
    {
        var grain = Grain(await silo.AddUserAsync());
        var (begun, finished) = (await silo.AddTitleAsync(), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(begun, 100));
        await grain.RecordProgressAsync(Report(finished, 100));
        await grain.RecordProgressAsync(Report(finished, 990));
        Assert.Equal([begun], (await grain.GetContinueWatchingAsync(10)).Select(row => row.ContentId));
    }

    [Fact]
    public async Task People_are_listed_page_by_page()
    {
        var added = new[] { await silo.AddUserAsync(), await silo.AddUserAsync(), await silo.AddUserAsync() };
        var directory = silo.Grains.GetGrain<IUserDirectoryGrain>(0);
        var listed = new List<Guid>();
        Guid? after = null;
        while (await directory.ListIdsAsync(after, 2) is { Length: > 0 } page)
        {
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Distinct(listed);
        Assert.Superset(added.ToHashSet(), listed.ToHashSet());
    }

    private IUserGrain Grain(Guid user) => silo.Grains.GetGrain<IUserGrain>(user);

    private static ProgressReport Report(Guid title, int position, string session = "a session") => new(title, position, Duration, session);

    private static async Task WatchAsync(IUserGrain grain, Guid title, string session)
    {
        await grain.RecordProgressAsync(Report(title, 0, session));
        Assert.True((await grain.RecordProgressAsync(Report(title, 10, session))).ViewCounted);
    }

    private Task AtTheHourAsync() =>
        silo.Stores.AdvanceAsync(TimeSpan.FromHours(1) - TimeSpan.FromTicks(silo.Stores.Now.Ticks % TimeSpan.TicksPerHour));
}
