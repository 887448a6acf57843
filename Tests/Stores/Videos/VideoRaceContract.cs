using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Videos;

/// <summary>Of steps at the same time from one state, one wins, and all are told the same.</summary>
public abstract class VideoRaceContract(StoreFixture fixture) : VideosContract(fixture)
{
    private const int Rounds = 12;

    [Fact]
    public async Task Of_many_publishers_one_stores_and_all_are_told_what()
    {
        var user = await AddUserAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var id = await BeginAsync(user);
            var told = await Task.WhenAll(Enumerable.Range(1, 6).Select(i => Videos.PublishAsync(NewVideo(id, user, bytes: i), Now, Cancel)));

            Assert.NotNull(told[0]);
            Assert.Single(told.Distinct());
            Assert.Equal(told[0], await Videos.FindAsync(id, Cancel));
        }
    }

    [Fact]
    public async Task An_upload_is_published_or_taken_as_dead_and_never_both()
    {
        var user = await AddUserAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var id = await BeginAsync(user, Now);
            var (publishing, taking) = (Videos.PublishAsync(NewVideo(id, user), Now, Cancel), TakeAsync(Now));

            Assert.Equal(await publishing is null ? [id] : [], await taking);
            Assert.Equal(await publishing, await Videos.FindAsync(id, Cancel));
            await Removals.RemoveAsync(id, Cancel);
        }
    }

    [Fact]
    public async Task An_upload_is_published_or_abandoned_and_never_both()
    {
        var user = await AddUserAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var id = await BeginAsync(user, Now);
            var (publishing, abandoning) = (Videos.PublishAsync(NewVideo(id, user), Now, Cancel), Videos.AbandonAsync(id, round % 2 == 0, Now, Cancel));
            await abandoning;

            Assert.Equal(await publishing, await Videos.FindAsync(id, Cancel));
        }
    }

    [Fact]
    public async Task Every_due_row_is_taken_by_one_of_many_callers()
    {
        var (user, gone) = (await AddUserAsync(), await AddUserAsync("another"));
        var ids = new List<Guid>();
        for (var i = 0; i < 20; i++)
        {
            ids.Add(await BeginAsync(user, Now.AddSeconds(-i)));
            ids.Add((await AddVideoAsync(gone)).VideoId);
        }

        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(gone, Cancel));

        var taken = (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => TakeAsync(Now, limit: 5))))).SelectMany(step => step).ToList();
        while (await TakeAsync(Now, limit: 5) is var rest && rest.Any())
            taken.AddRange(rest);

        Assert.Equal(Ascending(ids), Ascending(taken));
    }

    [Fact]
    public async Task A_video_is_deleted_by_one_and_restored_by_one()
    {
        var id = (await AddVideoAsync(await AddUserAsync())).VideoId;
        for (var round = 0; round < Rounds; round++)
        {
            Assert.Single(await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DeleteAsync(id))), true);
            Assert.Single(await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Videos.RestoreAsync(id, Now, Cancel))), true);
        }
    }

    [Fact]
    public async Task Deleting_and_restoring_at_once_leave_what_the_answers_say()
    {
        var id = (await AddDeletedAsync(await AddUserAsync())).VideoId;
        for (var round = 0; round < Rounds; round++)
        {
            var (restoring, deleting) = (Videos.RestoreAsync(id, Now, Cancel), DeleteAsync(id));

            Assert.True(await restoring);
            Assert.Equal(await deleting, (await Videos.FindAsync(id, Cancel))!.DeletedAt is not null);
            await DeleteAsync(id);
        }
    }

    [Fact]
    public async Task A_due_video_is_taken_though_somebody_deletes_and_restores_it()
    {
        var user = await AddUserAsync();
        for (var round = 0; round < Rounds; round++)
        {
            var id = (await AddDeletedAsync(user, Now - Grace, Grace)).VideoId;
            // By one clock it can just be restored, by another it is just due.
            var (restoring, taking) = (Videos.RestoreAsync(id, Now - Minute, Cancel), TakeAsync(Now));

            Assert.Equal(await restoring ? [] : [id], await taking);
            Assert.Equal(await restoring, await Videos.FindAsync(id, Cancel) is not null);
        }
    }

    [Fact]
    public async Task Deleting_all_at_once_tells_of_each_video_once()
    {
        var user = await AddUserAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 30; i++)
            ids.Add((await AddVideoAsync(user, Now.AddSeconds(i / 4))).VideoId);

        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var own = new List<Guid>();
            while (await Lists.DeleteAsync(user, Now, Now + Grace, 4, Cancel) is { Count: > 0 } step)
                own.AddRange(step);

            return own;
        })));

        var alone = await Lists.DeleteAsync(user, Now, Now + Grace, 100, Cancel);
        Assert.Equal(Ascending(ids), Ascending([.. told.SelectMany(own => own), .. alone]));
    }

    [Fact]
    public async Task An_upload_that_ends_while_its_account_is_removed_leaves_no_video_that_nobody_removes()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var user = await AddUserAsync($"somebody {round}");
            var id = await BeginAsync(user, Now + Minute);
            var others = Samples.Id();
            var (publishing, beginning, removing) = (
                Videos.PublishAsync(NewVideo(id, user), Now, Cancel), Videos.BeginAsync(others, user, Now + Minute, Cancel),
                Fixture.Accounts.RemoveAsync(user, Cancel));
            Assert.Equal(AccountChangeStatus.Changed, await removing);

            Assert.Null(await Videos.FindAsync(id, Cancel));
            Guid[] expected = await beginning ? [id, others] : [id];
            Assert.Equal(await publishing is null ? [] : [id], await TakeAsync(Now));
            Assert.Equal(Ascending(expected), Ascending(await TakeAsync(Now + Minute)));
            foreach (var row in expected)
                await Removals.RemoveAsync(row, Cancel);
        }
    }
}

public sealed class SqliteVideoRaceTests() : VideoRaceContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresVideoRaceTests() : VideoRaceContract(new ServersFixture());
