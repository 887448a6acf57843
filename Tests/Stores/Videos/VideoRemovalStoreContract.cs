using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public abstract class VideoRemovalStoreContract(StoreFixture fixture) : VideosContract(fixture)
{
    [Fact]
    public async Task Due_are_dead_uploads_and_deleted_videos_past_their_grace_first_due_first()
    {
        var user = await AddUserAsync();
        var later = await BeginAsync(user, Now + (3 * Minute));
        var dead = await BeginAsync(user, Now + Minute);
        var deleted = (await AddDeletedAsync(user, Now - Grace, Grace + (2 * Minute))).VideoId;
        await AddVideoAsync(user);
        await AddDeletedAsync(user);

        Assert.Empty(await TakeAsync(Now));
        Assert.Equal(
            [new DueVideo(dead, WasUploading: true, WasLookedAt: false), new DueVideo(deleted, WasUploading: false, WasLookedAt: false)],
            await Removals.TakeDueAsync(Now + (2 * Minute), Now + (4 * Minute), 10, Cancel));
        Assert.Equal([later], await TakeAsync(Now + (3 * Minute)));
    }

    [Fact]
    public async Task What_was_taken_is_taken_again_when_nothing_came_of_it()
    {
        var user = await AddUserAsync();
        var dead = await BeginAsync(user, Now);
        Assert.Equal([dead], await TakeAsync(Now));

        Assert.Empty(await TakeAsync(Now));
        Assert.Equal(
            [new DueVideo(dead, WasUploading: true, WasLookedAt: false)],
            await Removals.TakeDueAsync(Now + Minute, Now + Grace, 10, Cancel));
        await Removals.RemoveAsync(dead, Cancel);
        await Removals.RemoveAsync(dead, Cancel);
        Assert.Empty(await TakeAsync(Now + Grace));
    }

    [Fact]
    public async Task A_row_is_looked_at_again_at_the_moment_that_was_set()
    {
        var dead = await BeginAsync(await AddUserAsync(), Now);
        Assert.Equal([dead], await TakeAsync(Now));

        await Removals.LookAgainAsync(dead, Now + Grace, Cancel);

        Assert.Empty(await TakeAsync(Now + Grace - Minute));
        Assert.Equal(
            [new DueVideo(dead, WasUploading: true, WasLookedAt: true)],
            await Removals.TakeDueAsync(Now + Grace, Now + Grace, 10, Cancel));
    }

    [Fact]
    public async Task What_is_not_removing_stays_as_it_is()
    {
        var user = await AddUserAsync();
        var (stored, deleted, uploading) = (await AddVideoAsync(user), await AddDeletedAsync(user), await BeginAsync(user));

        foreach (var id in (Guid[])[stored.VideoId, deleted.VideoId, uploading, Samples.Id()])
        {
            await Removals.LookAgainAsync(id, Now, Cancel);
            await Removals.RemoveAsync(id, Cancel);
        }

        Assert.Empty(await TakeAsync(Now));
        Assert.Equal(stored, await Videos.FindAsync(stored.VideoId, Cancel));
        Assert.Equal(deleted, await Videos.FindAsync(deleted.VideoId, Cancel));
        Assert.NotNull(await Videos.PublishAsync(NewVideo(uploading, user), Now, Cancel));
    }

    [Fact]
    public async Task No_more_are_taken_than_asked_for()
    {
        var (user, gone) = (await AddUserAsync(), await AddUserAsync("another"));
        for (var i = 0; i < 5; i++)
        {
            await BeginAsync(user, Now.AddSeconds(-i));
            await AddVideoAsync(gone);
        }

        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(gone, Cancel));

        var steps = new List<int>();
        do
            steps.Add((await TakeAsync(Now, limit: 3)).Count());
        while (steps[^1] > 0);
        Assert.Equal([3, 3, 3, 1, 0], steps);
    }

    [Fact]
    public async Task Videos_of_a_removed_account_are_nobodys_and_due_at_once()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        var (stored, deleted) = (await AddVideoAsync(user), await AddDeletedAsync(user));
        var uploading = await BeginAsync(user, Now + Minute);
        var kept = await AddVideoAsync(other);

        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(user, Cancel));

        Assert.Null(await Videos.FindAsync(stored.VideoId, Cancel));
        Assert.False(await Videos.RestoreAsync(deleted.VideoId, Now, Cancel));
        Assert.False(await Videos.RenewAsync(uploading, Now + Grace, Cancel));
        Assert.Null(await Videos.PublishAsync(NewVideo(uploading, user), Now, Cancel));
        Assert.Equal([kept.VideoId], (await Lists.ListFromAsync(null, 0, 10, Cancel)).Videos.Select(video => video.VideoId));
        Assert.Equal(Ascending([stored.VideoId, deleted.VideoId]), Ascending(await TakeAsync(Now)));
        Assert.Contains(new DueVideo(stored.VideoId, false, false), await Removals.TakeDueAsync(Now + Minute, Now + Grace, 10, Cancel));
    }

    [Fact]
    public async Task All_of_a_persons_rows_are_taken_in_bounded_steps_and_lose_their_titles()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        Guid[] own = [(await AddVideoAsync(user)).VideoId, (await AddDeletedAsync(user)).VideoId, await BeginAsync(user), (await AddVideoAsync(user)).VideoId];
        var removing = await BeginAsync(user, Now - Minute);
        Assert.Equal([removing], await TakeAsync(Now - Minute));
        await Removals.LookAgainAsync(removing, Now + Grace, Cancel);
        var kept = await AddVideoAsync(other);

        var steps = new List<IReadOnlyList<Guid>>();
        do
            steps.Add(await Removals.RemoveAllAsync(user, Now, 3, Cancel));
        while (steps[^1].Count > 0);

        Assert.Equal([3, 1, 0], steps.Select(step => step.Count));
        Assert.Equal(Ascending(own), Ascending(steps.SelectMany(step => step)));
        Assert.Null(await Videos.PublishAsync(NewVideo(own[2], user), Now, Cancel));
        Assert.Equal(Ascending(own), Ascending(await TakeAsync(Now)));
        Assert.Equal(kept, await Videos.FindAsync(kept.VideoId, Cancel));
        Assert.Empty(await Removals.RemoveAllAsync(Samples.Id(), Now, 3, Cancel));
    }
}

public sealed class SqliteVideoRemovalStoreTests() : VideoRemovalStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresVideoRemovalStoreTests() : VideoRemovalStoreContract(new ServersFixture());
