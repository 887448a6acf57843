using Orleans.Storage;
using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class PresenceGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly TimeSpan LongAway = TimeSpan.FromSeconds(new ViewingOptions().PresenceSeconds + 1);

    [Fact]
    public async Task A_title_that_nobody_watches_shows_zero()
    {
        var title = await silo.AddTitleAsync();
        Assert.Equal(0, await Presence(title).CountAsync());
        Assert.Equal(0, await ShownAsync(title));
    }

    [Fact]
    public async Task Heartbeats_of_two_sessions_are_two_watching_in_the_details()
    {
        var (title, user) = (await silo.AddTitleAsync(), await silo.AddUserAsync());
        await HeartbeatAsync(user, title, "living room", 10);
        await HeartbeatAsync(user, title, "phone", 20);
        await HeartbeatAsync(user, title, "phone", 30);

        await Poll.UntilAsync(async () => await ShownAsync(title) is 2 ? null : "the details do not show two");
        Assert.Equal(2, await Presence(title).CountAsync());
    }

    [Fact]
    public async Task A_session_that_stays_away_watches_no_more()
    {
        var (title, user) = (await silo.AddTitleAsync(), await silo.AddUserAsync());
        await HeartbeatAsync(user, title, "phone", 10);
        await Poll.UntilAsync(async () => await Presence(title).CountAsync() == 1 ? null : "the heartbeat has not come");

        await silo.Stores.AdvanceAsync(LongAway);

        Assert.Equal(0, await Presence(title).CountAsync());
        await Poll.UntilAsync(async () => await ShownAsync(title) == 0 ? null : "the details still show somebody");
    }

    [Fact]
    public async Task A_session_that_stops_watches_no_more_as_soon_as_it_is_answered()
    {
        var (title, user) = (await silo.AddTitleAsync(), await silo.AddUserAsync());
        await HeartbeatAsync(user, title, "phone", 10);
        await HeartbeatAsync(user, title, "living room", 10);
        await Poll.UntilAsync(async () => await ShownAsync(title) is 2 ? null : "the details do not show two");

        await HeartbeatAsync(user, title, "phone", 20, stopped: true);
        Assert.Equal((1, 1), (await Presence(title).CountAsync(), await ShownAsync(title)));

        Assert.True(await silo.Grains.GetGrain<IUserGrain>(user).ForgetProgressAsync(title));
        Assert.Equal((0, 0), (await Presence(title).CountAsync(), await ShownAsync(title)));
    }

    [Fact]
    public async Task A_heartbeat_of_long_ago_is_nobody_who_watches()
    {
        var (title, user) = (await silo.AddTitleAsync(), await silo.AddUserAsync());
        var grain = silo.Grains.GetGrain<IUserGrain>(user);
        await grain.RecordProgressAsync(new ProgressReport(title, 10, 3600, "offline", silo.Stores.Now - LongAway));
        await HeartbeatAsync(user, title, "phone", 10);

        await Poll.UntilAsync(async () => await ShownAsync(title) > 0 ? null : "the heartbeat has not come");
        Assert.Equal(1, await Presence(title).CountAsync());
    }

    [Fact]
    public async Task Who_watches_is_kept_when_the_activation_goes()
    {
        var title = await silo.AddTitleAsync();
        await Presence(title).HeardAsync(silo.Samples.Id());
        await Poll.UntilAsync(async () => await Presence(title).CountAsync() == 1 ? null : "the heartbeat has not come");

        await silo.DeactivateAsync(Presence(title));

        Assert.Equal(1, await Presence(title).CountAsync());
    }

    [Fact]
    public async Task A_store_that_is_away_costs_the_memory_of_it_and_nothing_else()
    {
        await using var other = await SiloFixture.StartAsync(presence: new AbsentStorage());
        var title = await other.AddTitleAsync();
        var presence = other.Grains.GetGrain<IPresenceGrain>(title);
        await presence.HeardAsync(other.Samples.Id());
        await Poll.UntilAsync(async () => await presence.CountAsync() == 1 ? null : "the heartbeat has not come");

        await other.DeactivateAsync(presence);

        Assert.Equal(0, await presence.CountAsync());
        Assert.NotNull(await other.Content(title).GetDetailsAsync());
    }

    private IPresenceGrain Presence(Guid title) => silo.Grains.GetGrain<IPresenceGrain>(title);

    private async Task<int> ShownAsync(Guid title) => (await silo.Content(title).GetDetailsAsync())!.Watching;

    private async Task HeartbeatAsync(Guid user, Guid title, string session, int position, bool stopped = false)
    {
        var result = await silo.Grains.GetGrain<IUserGrain>(user).RecordProgressAsync(new ProgressReport(title, position, 3600, session, Stopped: stopped));
        Assert.Equal(Outcome.Committed, result.Outcome);
    }

    /// <summary>A double: a grain storage that cannot be reached.</summary>
    private sealed class AbsentStorage : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("The storage is away.");

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("The storage is away.");

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new IOException("The storage is away.");
    }
}
