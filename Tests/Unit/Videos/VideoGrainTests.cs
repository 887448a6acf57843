using Streaming.Tests.Storage;
using Streaming.Videos;
using static Streaming.Tests.Videos.VideosSilo;

namespace Streaming.Tests.Videos;

public sealed class VideoGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(new VideoOptions().GraceHours);
    private static readonly TimeSpan LongEnoughToNotice = TimeSpan.FromSeconds(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_video_is_there_from_when_it_was_settled()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.BeginAsync(user);
        Assert.Null(await silo.Video(id).GetAsync(Cancel));
        var video = await silo.SettleAsync(user, id);
        Assert.Equal(video, await silo.Video(id).GetAsync(Cancel));
        Assert.Null(await silo.Video(silo.Samples.Id()).GetAsync(Cancel));
    }

    [Fact]
    public async Task Who_deletes_a_video_sees_it_deleted_at_once_and_may_repeat_it()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.UploadAsync(user);
        Assert.Null((await silo.Video(id).GetAsync(Cancel))!.DeletedAt);

        Assert.True(await silo.Video(id).DeleteAsync(user));
        Assert.True(await silo.Video(id).DeleteAsync(user));
        var deleted = (await silo.Video(id).GetAsync(Cancel))!;
        Assert.Equal((silo.Stores.Now, silo.Stores.Now + Grace), (deleted.DeletedAt, deleted.RemovedAt));
        Assert.Equal(0, (await silo.UsageAsync(user)).StoredBytes);
    }

    [Fact]
    public async Task A_video_is_deleted_and_restored_by_its_owner_and_by_administrators_alone()
    {
        var (owner, stranger) = (await silo.AddUserAsync(), await silo.AddUserAsync());
        var id = await silo.UploadAsync(owner);
        Assert.False(await silo.Video(id).DeleteAsync(stranger));
        Assert.Null((await silo.Video(id).GetAsync(Cancel))!.DeletedAt);

        Assert.True(await silo.Video(id).DeleteAsync(null));
        Assert.Equal(RestoreStatus.NotFound, await silo.Video(id).RestoreAsync(stranger));
        Assert.Equal(RestoreStatus.Restored, await silo.Video(id).RestoreAsync(null));
        Assert.Null((await silo.Video(id).GetAsync(Cancel))!.DeletedAt);
        Assert.False(await silo.Video(silo.Samples.Id()).DeleteAsync(null));
    }

    [Fact]
    public async Task A_video_is_restored_when_it_fits()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.UploadAsync(user, 30 * Megabyte);
        Assert.Equal(RestoreStatus.NotDeleted, await silo.Video(id).RestoreAsync(user));
        await silo.Video(id).DeleteAsync(user);
        var other = await silo.UploadAsync(user, 30 * Megabyte);
        Assert.Equal(RestoreStatus.StorageExceeded, await silo.Video(id).RestoreAsync(user));

        await silo.Video(other).DeleteAsync(user);
        Assert.Equal(RestoreStatus.Restored, await silo.Video(id).RestoreAsync(user));
        Assert.Equal(RestoreStatus.NotDeleted, await silo.Video(id).RestoreAsync(user));
        var usage = await silo.UsageAsync(user);
        Assert.Equal((30 * Megabyte, 60 * Megabyte, 0), (usage.StoredBytes, usage.UploadedBytes, usage.ReservedBytes));
    }

    [Fact]
    public async Task A_restore_counts_with_uploads_under_way_and_is_none_itself()
    {
        var user = await silo.AddUserAsync();
        var (small, large) = (await silo.UploadAsync(user), await silo.UploadAsync(user, 20 * Megabyte));
        await silo.Video(small).DeleteAsync(user);
        await silo.Video(large).DeleteAsync(user);
        var upload = await silo.BeginAsync(user, 40 * Megabyte);

        Assert.Equal(RestoreStatus.StorageExceeded, await silo.Video(large).RestoreAsync(user));
        Assert.Equal(RestoreStatus.Restored, await silo.Video(small).RestoreAsync(user));
        Assert.NotNull(await silo.SettleAsync(user, upload, 40 * Megabyte));
    }

    [Fact]
    public async Task After_its_grace_a_video_cannot_be_restored()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.UploadAsync(user);
        await silo.Video(id).DeleteAsync(user);
        await silo.Stores.AdvanceAsync(Grace);
        Assert.Equal(RestoreStatus.NotFound, await silo.Video(id).RestoreAsync(user));
    }

    [Fact]
    public async Task Of_a_restore_and_the_removal_of_the_media_one_wins()
    {
        var user = await silo.AddUserAsync();
        for (var i = 0; i < 8; i++)
        {
            var id = await silo.UploadAsync(user);
            await silo.Video(id).DeleteAsync(user);
            await silo.Stores.AdvanceAsync(Grace - TimeSpan.FromSeconds(1));

            // As a reaper whose clock is ahead.
            var later = silo.Stores.Now.AddMinutes(1);
            var taking = Task.Run(() => silo.Stores.VideoRemovals.TakeDueAsync(later, later.AddMinutes(1), 100, Cancel), Cancel);
            var restored = await silo.Video(id).RestoreAsync(user);
            var isTaken = (await taking).Any(video => video.VideoId == id);

            Assert.Equal(isTaken ? RestoreStatus.NotFound : RestoreStatus.Restored, restored);
            Assert.Equal(isTaken, await silo.Stores.Videos.FindAsync(id, Cancel) is null);
            await silo.Videos().DeleteAllAsync(user);
        }
    }

    [Fact]
    public async Task What_was_changed_past_it_is_noticed_after_seconds_and_at_once_when_it_is_told()
    {
        var user = await silo.AddUserAsync();
        var (first, second) = (await silo.UploadAsync(user), await silo.UploadAsync(user));
        foreach (var id in new[] { first, second })
        {
            Assert.NotNull(await silo.Video(id).GetAsync(Cancel));
            await silo.Stores.Videos.DeleteAsync(id, silo.Stores.Now, silo.Stores.Now + Grace, Cancel);
            Assert.Null((await silo.Video(id).GetAsync(Cancel))!.DeletedAt);
        }

        await silo.Video(first).ForgetAsync();
        Assert.NotNull((await silo.Video(first).GetAsync(Cancel))!.DeletedAt);
        await silo.Stores.AdvanceAsync(LongEnoughToNotice);
        Assert.NotNull((await silo.Video(second).GetAsync(Cancel))!.DeletedAt);
    }

    [Fact]
    public async Task A_video_is_described_once_its_file_was_looked_at()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.UploadAsync(user);
        Assert.Null((await silo.Video(id).GetAsync(Cancel))!.DurationSeconds);
        await silo.Video(id).DescribeAsync(new VideoInspection(false, "It is cut off.", "hvc1", 12.5));
        var video = (await silo.Video(id).GetAsync(Cancel))!;
        Assert.Equal((false, "It is cut off.", "hvc1", 12.5, silo.Stores.Now), (video.Playable, video.Reason, video.Codec, video.DurationSeconds, video.InspectedAt));
    }

    [Fact]
    public async Task All_of_a_persons_videos_are_deleted_and_nobody_elses()
    {
        var (user, other) = (await silo.AddUserAsync(), await silo.AddUserAsync());
        var own = new[] { await silo.UploadAsync(user), await silo.UploadAsync(user), await silo.UploadAsync(user) };
        var others = await silo.UploadAsync(other);
        foreach (var id in own)
            Assert.NotNull(await silo.Video(id).GetAsync(Cancel));

        Assert.Equal(3, await silo.Videos().DeleteAllAsync(user));
        Assert.Equal(0, await silo.Videos().DeleteAllAsync(user));
        foreach (var id in own)
            Assert.NotNull((await silo.Video(id).GetAsync(Cancel))!.DeletedAt);

        Assert.Null((await silo.Video(others).GetAsync(Cancel))!.DeletedAt);
        Assert.Equal(0, (await silo.Videos().ListFromAsync(user, 0, 16, Cancel)).Total);
        Assert.Equal(own.ToHashSet(), (await silo.Videos().ListDeletedAsync(user, null, 16, Cancel)).Videos.Select(video => video.VideoId).ToHashSet());
        Assert.Equal(others, Assert.Single((await silo.Videos().ListAsync(other, null, 16, Cancel)).Videos).VideoId);
    }
}
