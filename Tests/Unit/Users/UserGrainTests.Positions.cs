using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

public sealed partial class UserGrainTests
{
    [Fact]
    public async Task A_paused_session_does_not_take_back_where_another_stands()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await BeatAsync(1215, "tv1", resume: 1215);
        await BeatAsync(1720, "tv2", resume: 1720);
        await BeatAsync(1215, "tv1", resume: 1720);
        await silo.DeactivateAsync(grain);
        await BeatAsync(1215, "tv1", resume: 1720);

        // Plays on: it has watched nothing yet.
        await BeatAsync(1220, "tv1", resume: 1720);
        await BeatAsync(1230, "tv1", resume: 1230);

        Task BeatAsync(int position, string session, int resume) => ResumesAtAsync(grain, title, position, session, resume, after: 10);
    }

    [Fact]
    public async Task A_session_opened_by_mistake_takes_nothing_back_until_it_has_watched()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await BeatAsync(2390, "a", resume: 2390);
        await BeatAsync(2400, "a", resume: 2400);
        await BeatAsync(3, "b", resume: 2400);
        await silo.DeactivateAsync(grain);
        await BeatAsync(6, "b", resume: 2400, after: 3);
        await BeatAsync(1000, "b", resume: 2400, after: 1);
        await BeatAsync(1010, "b", resume: 1010);

        // The same id, long after.
        await BeatAsync(5, "b", resume: 1010, after: 3600);
        await BeatAsync(8, "b", resume: 1010, after: 3);
        await BeatAsync(400, "b", resume: 400, after: 10);

        Task BeatAsync(int position, string session, int resume, int after = 10) => ResumesAtAsync(grain, title, position, session, resume, after);
    }

    [Fact]
    public async Task Late_heartbeats_are_ordered_by_when_they_were_made()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        var now = silo.Stores.Now;
        Assert.Equal(500, await BeatAsync(500, "phone", now.AddHours(-1)));
        Assert.Equal(500, await BeatAsync(700, "tablet", now.AddHours(-2)));
        Assert.Equal(500, await BeatAsync(490, "phone", now.AddHours(-1).AddTicks(-1)));
        Assert.Equal(520, await BeatAsync(520, "phone", now.AddHours(-1).AddTicks(1)));
        Assert.Equal(now.AddHours(-1).AddTicks(1), (await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles[0].WatchedAt, TimeSpan.FromMilliseconds(1));

        // A clock that is ahead is taken for the server's.
        Assert.Equal(540, await BeatAsync(540, "phone", now.AddSeconds(59)));
        Assert.Equal(550, await BeatAsync(550, "phone", null));
        Assert.Equal(now, (await grain.GetProgressAsync(title, TestContext.Current.CancellationToken))!.UpdatedAt);

        async Task<int> BeatAsync(int position, string session, DateTimeOffset? watchedAt) =>
            (await grain.RecordProgressAsync(new ProgressReport(title, position, Duration, session, watchedAt))).Resume!.PositionSeconds;
    }

    [Fact]
    public async Task A_forgotten_title_is_as_if_it_was_never_played_but_for_the_history()
    {
        var (grain, title) = (Grain(await silo.AddUserAsync()), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(title, 950));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        await grain.RecordProgressAsync(Report(title, 400));
        Assert.True(await grain.ForgetProgressAsync(title));

        await AssertForgottenAsync();
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));
        await grain.RecordProgressAsync(Report(title, 400));
        await grain.RecordProgressAsync(new ProgressReport(title, 450, Duration, "offline", silo.Stores.Now.AddSeconds(-11)));
        await AssertForgottenAsync();

        var again = await grain.RecordProgressAsync(Report(title, 410));
        Assert.Equal((410, false), (again.Resume!.PositionSeconds, again.Resume.Watched));
        Assert.Equal(again.Resume, await grain.GetProgressAsync(title, TestContext.Current.CancellationToken));

        async Task AssertForgottenAsync()
        {
            Assert.Null(await grain.GetProgressAsync(title));
            Assert.Empty(await grain.GetContinueWatchingAsync(10));
            Assert.False((await grain.GetHistoryAsync(10, null)).Titles[^1].Watched);
        }
    }

    [Fact]
    public async Task A_title_that_was_never_played_can_be_forgotten_and_a_person_who_is_unknown_cannot()
    {
        Assert.True(await Grain(await silo.AddUserAsync()).ForgetProgressAsync(await silo.AddTitleAsync()));
        Assert.False(await Grain(silo.Samples.Id()).ForgetProgressAsync(await silo.AddTitleAsync()));
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
        Assert.True((await grain.GetProgressAsync(title, TestContext.Current.CancellationToken))!.Watched);
    }

    /// <summary>Sends a heartbeat so many seconds after the last one, and looks where the title is resumed then.</summary>
    private async Task ResumesAtAsync(IUserGrain grain, Guid title, int position, string session, int resume, int after)
    {
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(after));
        Assert.Equal(resume, (await grain.RecordProgressAsync(new ProgressReport(title, position, 5_400, session))).Resume!.PositionSeconds);
        Assert.Equal(resume, (await grain.GetProgressAsync(title))!.PositionSeconds);
    }
}
