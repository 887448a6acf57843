using Orleans.Storage;
using Streaming.Tests.Storage;
using Streaming.Videos;
using static Streaming.Tests.Videos.VideosSilo;

namespace Streaming.Tests.Videos;

/// <summary>Two silos that do not know each other, over the same stores: each has an activation of every grain, for as long as a test likes.</summary>
public sealed class QuotaRaceTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(new QuotaOptions().LeaseSeconds);

    private readonly EmbeddedFixture stores = new();
    private readonly StateDouble state = new();
    private SiloFixture one = null!;
    private SiloFixture other = null!;

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        one = await StartAsync();
        other = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await one.StopAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Ten_uploads_at_once_fill_the_storage_and_do_not_overfill_it()
    {
        var user = await one.AddUserAsync();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => UploadAsync(one, user)));
        Assert.Equal((5, 45 * Megabyte), (uploads.Count(isStored => isStored), (await one.UsageAsync(user)).StoredBytes));
    }

    [Fact]
    public async Task Many_uploads_at_once_through_two_activations_get_no_more_than_there_is()
    {
        var user = await one.AddUserAsync();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => UploadAsync(i % 2 == 0 ? one : other, user)));

        Assert.InRange(uploads.Count(isStored => isStored), 1, 5);
        var usage = await one.UsageAsync(user);
        Assert.Equal((uploads.Count(isStored => isStored) * 9 * Megabyte, 0), (usage.StoredBytes, usage.ReservedBytes));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Of_two_activations_that_count_at_the_same_time_one_can_grant_and_only_because_of_the_ETag(bool checksETags, int granted)
    {
        var user = await one.AddUserAsync();
        state.ChecksETags = checksETags;
        using var both = new Barrier(2);
        var writes = 0;
        // The first write of each waits until the other has counted too.
        state.BeforeWrite = () => Interlocked.Increment(ref writes) <= 2 ? Task.Run(() => both.SignalAndWait(TimeSpan.FromSeconds(30))) : Task.CompletedTask;

        var grants = await Task.WhenAll(one.ReserveAsync(user, 30 * Megabyte, 30 * Megabyte), other.ReserveAsync(user, 30 * Megabyte, 30 * Megabyte));

        Assert.Equal(granted, grants.Count(grant => grant.Grant.Status == UploadStatus.Granted));
        Assert.Equal(2 - granted, grants.Count(grant => grant.Grant is { Status: UploadStatus.LimitExceeded, Limit: QuotaLimit.Storage }));
    }

    [Fact]
    public async Task What_one_activation_granted_another_renews_settles_and_releases()
    {
        var user = await one.AddUserAsync();
        Assert.Equal(0, (await other.UsageAsync(user)).Uploads);
        var (first, second) = (await one.BeginAsync(user), await one.BeginAsync(user));
        Assert.True(await other.Quota(user).RenewAsync(first));
        Assert.NotNull(await other.SettleAsync(user, first));
        await other.Quota(user).ReleaseAsync(second, mayHaveMedia: false);

        var usage = await one.UsageAsync(user);
        Assert.Equal((Megabyte, 0, 0), (usage.StoredBytes, usage.ReservedBytes, usage.Uploads));
    }

    [Fact]
    public async Task Who_never_gets_to_write_reserves_nothing()
    {
        var user = await one.AddUserAsync();
        state.BeforeWrite = () => throw new InconsistentStateException("Somebody was faster.");
        var (id, grant) = await one.ReserveAsync(user, Megabyte, Megabyte);
        Assert.Equal(UploadStatus.Busy, grant.Status);
        Assert.Equal(RestoreStatus.NotFound, await one.Quota(user).RestoreAsync(id));

        state.BeforeWrite = () => Task.CompletedTask;
        Assert.Equal(0, (await one.UsageAsync(user)).Uploads);
        Assert.Null(await one.SettleAsync(user, id));
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_fails_the_call_and_holds_nothing_longer_than_a_lease()
    {
        var user = await one.AddUserAsync();
        var running = await one.BeginAsync(user);
        state.BeforeWrite = () => throw new IOException("The storage is away.");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => one.ReserveAsync(user, Megabyte, Megabyte));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => one.Quota(user).RenewAsync(running));
        // The row is what counts.
        Assert.NotNull(await one.SettleAsync(user, running));

        state.BeforeWrite = () => Task.CompletedTask;
        Assert.Equal((Megabyte, 0), ((await one.UsageAsync(user)).StoredBytes, (await one.UsageAsync(user)).ReservedBytes));
        await stores.AdvanceAsync(Lease);
        await one.BeginAsync(user, 49 * Megabyte);
    }

    [Fact]
    public async Task An_upload_that_begins_before_midnight_counts_on_the_day_on_which_it_ends()
    {
        var user = await one.AddUserAsync();
        await one.Quota(user).SetOverridesAsync(new QuotaOverrides(StorageBytes: 1_000 * Megabyte));
        await one.UploadAsync(user, 60 * Megabyte);
        await stores.AdvanceAsync(stores.Now.Date.AddDays(1) - stores.Now.DateTime - TimeSpan.FromSeconds(1));
        var late = await one.BeginAsync(user, 40 * Megabyte);
        await stores.AdvanceAsync(TimeSpan.FromSeconds(2));

        var (_, grant) = await one.ReserveAsync(user, 60 * Megabyte, null);
        Assert.Equal((UploadStatus.Granted, 60 * Megabyte, QuotaLimit.DailyUpload), (grant.Status, grant.Bytes, grant.Limit));
        Assert.NotNull(await one.SettleAsync(user, late, 40 * Megabyte));
        Assert.Equal((40 * Megabyte, 60 * Megabyte), ((await one.UsageAsync(user)).UploadedBytes, (await one.UsageAsync(user)).ReservedBytes));
        Assert.Equal(UploadStatus.LimitExceeded, (await one.ReserveAsync(user, 1, null)).Grant.Status);
    }

    [Fact]
    public async Task Restores_at_once_get_no_more_than_there_is()
    {
        var user = await one.AddUserAsync();
        var videos = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            videos.Add(await one.UploadAsync(user, 20 * Megabyte));
            Assert.True(await one.Video(videos[i]).DeleteAsync(user));
        }

        var restored = await Task.WhenAll(videos.Select((video, i) => (i % 2 == 0 ? one : other).Quota(user).RestoreAsync(video)));

        var count = restored.Count(status => status == RestoreStatus.Restored);
        Assert.InRange(count, 1, 2);
        Assert.All(restored, status => Assert.Contains(status, new[] { RestoreStatus.Restored, RestoreStatus.StorageExceeded, RestoreStatus.Busy }));
        Assert.Equal(count * 20 * Megabyte, (await one.UsageAsync(user)).StoredBytes);
    }

    private Task<SiloFixture> StartAsync() => SiloFixture.StartAsync(stores, state: state, settings: ("Quota:ParallelUploads", "10"));

    private static async Task<bool> UploadAsync(SiloFixture silo, Guid user)
    {
        var (id, grant) = await silo.ReserveAsync(user, 9 * Megabyte, 9 * Megabyte);
        return grant.Status == UploadStatus.Granted && await silo.SettleAsync(user, id, 9 * Megabyte) is not null;
    }
}
