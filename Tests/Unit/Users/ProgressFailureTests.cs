using Streaming.Tests.Ledger;
using Streaming.Tests.Storage;
using Streaming.Tests.Viewing;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

/// <summary>Heartbeats when the activity store or the view journal fails.</summary>
public sealed class ProgressFailureTests : IAsyncLifetime
{
    private readonly EmbeddedFixture stores = new();
    private SiloFixture silo = null!;
    private JournalDouble journal = null!;
    private ActivityDouble activity = null!;
    private IUserGrain grain = null!;
    private Guid title;

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        (journal, activity) = (new JournalDouble(stores.Journal), new ActivityDouble(stores.ActivityBatches));
        silo = await SiloFixture.StartAsync(stores, journal, activity);
        grain = silo.Grains.GetGrain<IUserGrain>(await silo.AddUserAsync());
        title = await silo.AddTitleAsync();
        await grain.RecordProgressAsync(Report(0));
        await stores.AdvanceAsync(TimeSpan.FromSeconds(15));
    }

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task A_refused_heartbeat_is_not_saved_and_the_next_one_is()
    {
        activity.BeforeWrite = () => throw new StoreRefusedException("The disk is full.", new IOException());
        var refused = await grain.RecordProgressAsync(Report(15));
        Assert.Equal(new ProgressResult(Outcome.Refused, null, 0, false, false), refused);
        Assert.Equal(0, Assert.Single((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles).DurationWatchedSeconds);
        Assert.Equal(0, await silo.LiveAsync(title));

        activity.BeforeWrite = null;
        var saved = await grain.RecordProgressAsync(Report(15));
        Assert.Equal((Outcome.Committed, 15, true), (saved.Outcome, saved.DurationWatchedSeconds, saved.ViewCounted));
        await silo.UntilAppliedAsync(title, 1);
    }

    [Fact]
    public async Task A_heartbeat_whose_answer_is_lost_is_written_once()
    {
        var losses = 1;
        activity.AfterWrite = () =>
        {
            if (losses-- > 0)
                throw new StoreUnavailableException("The answer is lost.", new IOException());
        };
        var saved = await grain.RecordProgressAsync(Report(15));
        Assert.Equal((Outcome.Committed, 15, true), (saved.Outcome, saved.DurationWatchedSeconds, saved.ViewCounted));
        Assert.Equal(15, Assert.Single((await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles).DurationWatchedSeconds);
    }

    [Fact]
    public async Task A_view_that_could_not_be_recorded_is_recorded_once_with_a_later_heartbeat()
    {
        journal.BeforeAppend = () => throw new StoreRefusedException("The disk is full.", new IOException());
        var first = await grain.RecordProgressAsync(Report(15));
        Assert.Equal((Outcome.Committed, false), (first.Outcome, first.ViewCounted));

        // Later than the hour that the view belongs to, and in a new activation.
        journal.BeforeAppend = null;
        await silo.DeactivateAsync(grain);
        await stores.AdvanceAsync(TimeSpan.FromHours(2));
        var second = await grain.RecordProgressAsync(Report(20));
        Assert.Equal((true, false), (second.ViewCounted, second.CountedBefore));
        await silo.DeactivateAsync(grain);
        var third = await grain.RecordProgressAsync(Report(25));
        Assert.Equal((true, true), (third.ViewCounted, third.CountedBefore));
        await silo.UntilAppliedAsync(title, 1);
        Assert.Equal(1, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task A_view_that_could_not_be_recorded_for_a_day_is_given_up()
    {
        journal.BeforeAppend = () => throw new StoreRefusedException("The disk is full.", new IOException());
        await grain.RecordProgressAsync(Report(15));
        journal.BeforeAppend = null;
        await stores.AdvanceAsync(TimeSpan.FromHours(23));
        Assert.False((await grain.RecordProgressAsync(Report(20))).ViewCounted);
        Assert.Equal(0, await silo.LiveAsync(title));
    }

    private ProgressReport Report(int position) => new(title, position, 1000, "a session");
}
