using Streaming.Tests.Storage;
using Streaming.Videos;
using static Streaming.Tests.Videos.VideosSilo;

namespace Streaming.Tests.Videos;

public sealed class QuotaGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(new QuotaOptions().LeaseSeconds);

    [Fact]
    public async Task An_upload_gets_what_its_file_can_have_at_most_and_counts_before_its_first_byte()
    {
        var user = await silo.AddUserAsync();
        var (_, grant) = await silo.ReserveAsync(user, Megabyte, 5 * Megabyte);
        Assert.Equal((UploadStatus.Granted, 5 * Megabyte, (int)Lease.TotalSeconds), (grant.Status, grant.Bytes, grant.LeaseSeconds));
        Assert.Equal((QuotaLimit.Storage, 50 * Megabyte), (grant.Limit, grant.LimitBytes));

        var usage = await silo.UsageAsync(user);
        Assert.Equal((0, 0, 5 * Megabyte, 1), (usage.StoredBytes, usage.UploadedBytes, usage.ReservedBytes, usage.Uploads));
        Assert.Equal(silo.Stores.Now.UtcDateTime.Date.AddDays(1), usage.ResetsAt.UtcDateTime);
    }

    [Fact]
    public async Task An_upload_of_unknown_length_gets_all_that_is_left()
    {
        var user = await silo.AddUserAsync();
        await silo.UploadAsync(user, 20 * Megabyte);
        var (_, grant) = await silo.ReserveAsync(user, 0, null);
        Assert.Equal((UploadStatus.Granted, 30 * Megabyte), (grant.Status, grant.Bytes));
    }

    [Fact]
    public async Task A_file_that_fills_the_storage_fits_and_then_not_one_byte_does()
    {
        var user = await silo.AddUserAsync();
        await silo.UploadAsync(user, 50 * Megabyte);
        foreach (var atLeast in new[] { 0L, 1L, Megabyte })
        {
            var (_, grant) = await silo.ReserveAsync(user, atLeast, null);
            Assert.Equal((UploadStatus.LimitExceeded, QuotaLimit.Storage, 50 * Megabyte, 0), (grant.Status, grant.Limit, grant.LimitBytes, grant.Bytes));
        }
    }

    [Fact]
    public async Task What_was_uploaded_in_a_day_counts_in_it_though_it_was_deleted()
    {
        var user = await silo.AddUserAsync();
        for (var i = 0; i < 2; i++)
        {
            var video = await silo.UploadAsync(user, 40 * Megabyte);
            Assert.True(await silo.Video(video).DeleteAsync(user));
        }

        var (_, granted) = await silo.ReserveAsync(user, Megabyte, 30 * Megabyte);
        Assert.Equal((20 * Megabyte, QuotaLimit.DailyUpload, 100 * Megabyte), (granted.Bytes, granted.Limit, granted.LimitBytes));
        var (_, refused) = await silo.ReserveAsync(await AddUploaderAsync(80), 21 * Megabyte, null);
        Assert.Equal((UploadStatus.LimitExceeded, QuotaLimit.DailyUpload), (refused.Status, refused.Limit));
    }

    [Fact]
    public async Task A_second_upload_waits_until_the_first_one_has_ended()
    {
        var user = await silo.AddUserAsync();
        var first = await silo.BeginAsync(user);
        Assert.Equal(UploadStatus.AlreadyUploading, (await silo.ReserveAsync(user, Megabyte, Megabyte)).Grant.Status);

        await silo.Quota(user).ReleaseAsync(first, mayHaveMedia: false);
        Assert.Equal(UploadStatus.Granted, (await silo.ReserveAsync(user, Megabyte, Megabyte)).Grant.Status);
    }

    [Fact]
    public async Task A_settled_upload_counts_as_what_it_is_and_nothing_of_it_is_reserved()
    {
        var user = await silo.AddUserAsync();
        var (id, _) = await silo.ReserveAsync(user, Megabyte, 30 * Megabyte);
        var video = (await silo.SettleAsync(user, id, 2 * Megabyte))!;
        Assert.Equal((id, user, 2 * Megabyte), (video.VideoId, video.UserId, video.Bytes));
        Assert.Equal(video, await silo.SettleAsync(user, id, 2 * Megabyte));

        var usage = await silo.UsageAsync(user);
        Assert.Equal((2 * Megabyte, 2 * Megabyte, 0, 0), (usage.StoredBytes, usage.UploadedBytes, usage.ReservedBytes, usage.Uploads));
    }

    [Fact]
    public async Task A_released_upload_gives_all_back_and_can_neither_go_on_nor_be_settled()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.BeginAsync(user);
        await silo.Quota(user).ReleaseAsync(id, mayHaveMedia: true);
        await silo.Quota(user).ReleaseAsync(id, mayHaveMedia: true);

        Assert.False(await silo.Quota(user).RenewAsync(id));
        Assert.Null(await silo.SettleAsync(user, id));
        Assert.Equal((0, 0), ((await silo.UsageAsync(user)).ReservedBytes, (await silo.UsageAsync(user)).StoredBytes));
    }

    [Fact]
    public async Task An_upload_without_a_sign_of_life_makes_room_for_another_one_and_then_cannot_be_settled()
    {
        var user = await silo.AddUserAsync();
        var dead = await silo.BeginAsync(user, 50 * Megabyte);
        await silo.Stores.AdvanceAsync(Lease);

        Assert.Equal(0, (await silo.UsageAsync(user)).Uploads);
        await silo.BeginAsync(user, 50 * Megabyte);
        Assert.Null(await silo.SettleAsync(user, dead, 50 * Megabyte));
        Assert.False(await silo.Quota(user).RenewAsync(dead));
    }

    [Fact]
    public async Task A_late_upload_whose_room_nobody_needed_is_settled()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.BeginAsync(user);
        await silo.Stores.AdvanceAsync(Lease);
        Assert.NotNull(await silo.SettleAsync(user, id));
        Assert.Equal(Megabyte, (await silo.UsageAsync(user)).StoredBytes);
    }

    [Fact]
    public async Task Signs_of_life_keep_a_long_upload()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.BeginAsync(user);
        for (var i = 0; i < 3; i++)
        {
            await silo.Stores.AdvanceAsync(Lease * 0.9);
            Assert.True(await silo.Quota(user).RenewAsync(id));
        }

        Assert.Equal(UploadStatus.AlreadyUploading, (await silo.ReserveAsync(user, Megabyte, Megabyte)).Grant.Status);
        Assert.NotNull(await silo.SettleAsync(user, id));
        Assert.False(await silo.Quota(user).RenewAsync(id));
    }

    [Fact]
    public async Task Reservations_outlive_the_activation()
    {
        var user = await silo.AddUserAsync();
        await silo.BeginAsync(user, 7 * Megabyte);
        await silo.DeactivateAsync(silo.Quota(user));
        Assert.Equal((7 * Megabyte, 1), ((await silo.UsageAsync(user)).ReservedBytes, (await silo.UsageAsync(user)).Uploads));
    }

    [Fact]
    public async Task Limits_of_a_person_hold_instead_of_those_of_everybody_until_they_are_taken_back()
    {
        var user = await silo.AddUserAsync();
        var overrides = new QuotaOverrides(StorageBytes: 2 * Megabyte, DailyUploadBytes: Megabyte);
        Assert.True(await silo.Quota(user).SetOverridesAsync(overrides));
        Assert.Equal(QuotaLimit.DailyUpload, (await silo.ReserveAsync(user, Megabyte + 1, null)).Grant.Limit);
        Assert.Equal(QuotaLimit.Storage, (await silo.ReserveAsync(user, (2 * Megabyte) + 1, null)).Grant.Limit);
        var usage = await silo.UsageAsync(user);
        Assert.Equal((overrides, 2 * Megabyte, Megabyte), (usage.Overrides, usage.Limits.StorageBytes, usage.Limits.DailyUploadBytes));

        Assert.True(await silo.Quota(user).SetOverridesAsync(new QuotaOverrides()));
        await silo.BeginAsync(user, 50 * Megabyte);
    }

    [Fact]
    public async Task So_many_videos_a_person_has_and_those_under_way_count()
    {
        var user = await silo.AddUserAsync();
        await silo.Quota(user).SetOverridesAsync(new QuotaOverrides(Videos: 2));
        var first = await silo.UploadAsync(user);
        var second = await silo.BeginAsync(user);
        Assert.Equal(UploadStatus.AlreadyUploading, (await silo.ReserveAsync(user, Megabyte, Megabyte)).Grant.Status);
        await silo.SettleAsync(user, second);

        var (_, refused) = await silo.ReserveAsync(user, 1, 1);
        Assert.Equal((UploadStatus.LimitExceeded, QuotaLimit.Videos, 2), (refused.Status, refused.Limit, refused.LimitBytes));
        Assert.Equal((2, 2), ((await silo.UsageAsync(user)).Videos, (await silo.UsageAsync(user)).Limits.Videos));

        await silo.Video(first).DeleteAsync(user);
        await silo.UploadAsync(user);
        Assert.Equal(RestoreStatus.TooManyVideos, await silo.Quota(user).RestoreAsync(first));
        await silo.Video(second).DeleteAsync(user);
        Assert.Equal(RestoreStatus.Restored, await silo.Quota(user).RestoreAsync(first));
    }

    [Fact]
    public async Task A_small_file_is_charged_as_a_larger_one_when_it_is_reserved_stored_and_restored_and_its_size_stays_true()
    {
        var user = await silo.AddUserAsync();
        await silo.Quota(user).SetOverridesAsync(new QuotaOverrides(StorageBytes: 2 * QuotaLimits.MinCharge));
        var (first, grant) = await silo.ReserveAsync(user, 12, 12);
        Assert.Equal((UploadStatus.Granted, 12), (grant.Status, grant.Bytes));
        await silo.SettleAsync(user, first, 12);
        var second = await silo.UploadAsync(user, 12);

        Assert.Equal(QuotaLimit.Storage, (await silo.ReserveAsync(user, 1, 1)).Grant.Limit);
        var usage = await silo.UsageAsync(user);
        Assert.Equal((24, 24, 2 * QuotaLimits.MinCharge, 2 * QuotaLimits.MinCharge), (usage.StoredBytes, usage.UploadedBytes, usage.StoredCharge, usage.UploadedCharge));

        await silo.Video(second).DeleteAsync(user);
        await silo.UploadAsync(user, 12);
        Assert.Equal(RestoreStatus.StorageExceeded, await silo.Quota(user).RestoreAsync(second));
    }

    [Fact]
    public async Task Playing_is_counted_and_has_no_limit_unless_one_is_set_and_begins_anew_each_day()
    {
        var user = await silo.AddUserAsync();
        var today = DateOnly.FromDateTime(silo.Stores.Now.UtcDateTime);
        Assert.Equal(new DownloadAllowance(true, null, (await silo.UsageAsync(user)).ResetsAt), await silo.Quota(user).MayDownloadAsync());
        Assert.Equal(Outcome.Committed, await silo.Quota(user).CountDownloadAsync(today, 3 * Megabyte));

        await silo.Quota(user).SetOverridesAsync(new QuotaOverrides(DailyDownloadBytes: 5 * Megabyte));
        Assert.Equal((true, 5 * Megabyte), await MayDownloadAsync(user));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => silo.Quota(user).CountDownloadAsync(today, Megabyte / 2)));
        Assert.Equal((false, 5 * Megabyte), await MayDownloadAsync(user));
        Assert.Equal((5 * Megabyte, 0), ((await silo.UsageAsync(user)).DownloadedBytes, (await silo.UsageAsync(user)).UploadedBytes));

        // What comes late still counts on its own day.
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(1));
        await silo.Quota(user).CountDownloadAsync(today, Megabyte);
        Assert.Equal((true, 5 * Megabyte), await MayDownloadAsync(user));
        Assert.Equal(0, (await silo.UsageAsync(user)).DownloadedBytes);
    }

    [Fact]
    public async Task Who_has_no_account_has_no_quota()
    {
        var nobody = silo.Samples.Id();
        Assert.Equal(UploadStatus.UnknownAccount, (await silo.ReserveAsync(nobody, 1, 1)).Grant.Status);
        Assert.Null(await silo.Quota(nobody).GetUsageAsync(TestContext.Current.CancellationToken));
        Assert.False(await silo.Quota(nobody).SetOverridesAsync(new QuotaOverrides(1)));
        Assert.False((await silo.Quota(nobody).MayDownloadAsync()).IsAllowed);
        Assert.Equal(RestoreStatus.NotFound, await silo.Quota(nobody).RestoreAsync(silo.Samples.Id()));
    }

    private async Task<(bool, long?)> MayDownloadAsync(Guid user)
    {
        var allowance = await silo.Quota(user).MayDownloadAsync();
        return (allowance.IsAllowed, allowance.LimitBytes);
    }

    /// <summary>Somebody who has uploaded so many megabytes today and deleted them.</summary>
    private async Task<Guid> AddUploaderAsync(int megabytes)
    {
        var user = await silo.AddUserAsync();
        for (var left = megabytes; left > 0; left -= 40)
            Assert.True(await silo.Video(await silo.UploadAsync(user, Math.Min(left, 40) * Megabyte)).DeleteAsync(user));

        return user;
    }
}
