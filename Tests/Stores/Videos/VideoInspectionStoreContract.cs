using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public abstract class VideoInspectionStoreContract(StoreFixture fixture) : VideosContract(fixture)
{
    private static readonly VideoInspection Fine = new(true, null, "avc1", 12.5);

    [Fact]
    public async Task Every_stored_video_is_taken_once_and_again_when_nobody_described_it_in_time()
    {
        var video = await AddVideoAsync(await AddUserAsync(), bytes: 1_234);
        await BeginAsync(await AddUserAsync("another"));

        Assert.Equal(new WaitingVideo(video.VideoId, VideoFormat.Mp4, 1_234, 1), await TakeNextAsync(Now));
        Assert.Null(await TakeNextAsync(Now));
        Assert.Null(await TakeNextAsync(Now + Minute - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(2, (await TakeNextAsync(Now + Minute))!.Attempt);
        Assert.Equal(3, (await TakeNextAsync(Now + Minute + Minute))!.Attempt);
    }

    [Fact]
    public async Task What_was_found_out_is_kept_and_ends_the_waiting()
    {
        var user = await AddUserAsync();
        var (stored, deleted, uploading) = (await AddVideoAsync(user), await AddDeletedAsync(user), await BeginAsync(user));
        Assert.Null(stored.InspectedAt);

        foreach (var id in (Guid[])[stored.VideoId, deleted.VideoId, uploading, Samples.Id()])
            await Inspections.DescribeAsync(id, Fine, Now + Minute, Cancel);

        var described = stored with { DurationSeconds = 12.5, InspectedAt = Now + Minute, Playable = true, Codec = "avc1" };
        Assert.Equal(described, await Videos.FindAsync(stored.VideoId, Cancel));
        Assert.Equal(described, Assert.Single((await Lists.ListAsync(user, null, 10, Cancel)).Videos));
        Assert.Equal(described, Assert.Single((await Lists.ListFromAsync(user, 0, 10, Cancel)).Videos));
        Assert.Equal(12.5, (await Videos.FindAsync(deleted.VideoId, Cancel))!.DurationSeconds);
        Assert.Null((await Videos.PublishAsync(NewVideo(uploading, user), Now, Cancel))!.InspectedAt);
        Assert.Equal(uploading, (await TakeNextAsync(Now + Grace))!.VideoId);

        await Inspections.DescribeAsync(stored.VideoId, new VideoInspection(false, "It is cut off."), Now + Grace, Cancel);
        Assert.Equal(
            stored with { DurationSeconds = 12.5, InspectedAt = Now + Grace, Playable = false, Reason = "It is cut off." }, await Videos.FindAsync(stored.VideoId, Cancel));
    }

    [Fact]
    public async Task Whoever_uploads_many_waits_for_the_others_turns()
    {
        var (many, few, late) = (await AddUserAsync(), await AddUserAsync("another"), await AddUserAsync("a third"));
        var owners = new Dictionary<Guid, string>();
        for (var i = 0; i < 4; i++)
            owners[(await AddVideoAsync(many, Now.AddSeconds(i))).VideoId] = "many";

        for (var i = 0; i < 2; i++)
            owners[(await AddVideoAsync(few, Now.AddSeconds(10 + i))).VideoId] = "few";

        owners[(await AddVideoAsync(late, Now.AddSeconds(20))).VideoId] = "late";

        var turns = new List<string>();
        for (var at = Now.AddSeconds(30); await TakeNextAsync(at) is { } next; at = at.AddSeconds(1))
            turns.Add(owners[next.VideoId]);

        Assert.Equal(["many", "few", "late", "many", "few", "many", "many"], turns);
    }

    [Fact]
    public async Task Oldest_of_a_person_comes_first()
    {
        var user = await AddUserAsync();
        var second = await AddVideoAsync(user, Now.AddSeconds(1));
        var first = await AddVideoAsync(user, Now);

        Assert.Equal([first.VideoId, second.VideoId], [(await TakeNextAsync(Now.AddSeconds(1)))!.VideoId, (await TakeNextAsync(Now.AddSeconds(1)))!.VideoId]);
    }

    [Fact]
    public async Task Of_callers_at_the_same_time_each_gets_another()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        for (var i = 0; i < 6; i++)
            await AddVideoAsync(i % 2 == 0 ? user : other, Now.AddSeconds(i));

        var taken = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => TakeNextAsync(Now + Minute)));
        var rest = new List<WaitingVideo>();
        while (await TakeNextAsync(Now + Minute) is { } next)
            rest.Add(next);

        var all = taken.OfType<WaitingVideo>().Concat(rest).ToList();
        Assert.Equal(6, all.Select(video => video.VideoId).Distinct().Count());
        Assert.Equal(6, all.Count);
    }

    [Fact]
    public async Task Deleted_videos_wait_until_they_are_restored_and_those_of_nobody_do_not()
    {
        var (user, gone) = (await AddUserAsync(), await AddUserAsync("another"));
        var deleted = await AddDeletedAsync(user);
        await AddVideoAsync(gone);
        await Fixture.Accounts.RemoveAsync(gone, Cancel);

        Assert.Null(await TakeNextAsync(Now + Minute));
        Assert.True(await Videos.RestoreAsync(deleted.VideoId, Now, Cancel));
        Assert.Equal(deleted.VideoId, (await TakeNextAsync(Now + Minute))!.VideoId);
    }

    private Task<WaitingVideo?> TakeNextAsync(DateTimeOffset now) => Inspections.TakeAsync(now, now + Minute, Cancel);
}

public sealed class SqliteVideoInspectionStoreTests() : VideoInspectionStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresVideoInspectionStoreTests() : VideoInspectionStoreContract(new ServersFixture());
