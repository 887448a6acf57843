using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;
using Streaming.Storage.Servers;
using Streaming.Tests.Storage;
using Streaming.Videos;
using static Streaming.Tests.Videos.VideosSilo;

namespace Streaming.Tests.Videos;

/// <summary>
/// Two silos that do not know each other, over the same stores and the same grain storage: each has an activation of every
/// grain, for as long as a test likes.
/// </summary>
public abstract class QuotaRaceContract(StoreFixture stores) : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(new QuotaOptions().LeaseSeconds);

    private readonly StateGate state = new();
    private readonly List<SiloFixture> silos = [];

    private SiloFixture One => silos[0];

    private SiloFixture Other => silos[1];

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        for (var i = 0; i < 2; i++)
            silos.Add(await StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var silo in silos)
            await silo.StopAsync();

        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Ten_uploads_at_once_fill_the_storage_and_do_not_overfill_it()
    {
        var user = await AddUserAsync();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => UploadAsync(One, user)));
        Assert.Equal((5, 45 * Megabyte), (uploads.Count(isStored => isStored), (await One.UsageAsync(user)).StoredBytes));
    }

    [Fact]
    public async Task Many_uploads_at_once_through_two_activations_get_no_more_than_there_is()
    {
        var user = await AddUserAsync();
        var uploads = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => UploadAsync(i % 2 == 0 ? One : Other, user)));

        Assert.InRange(uploads.Count(isStored => isStored), 1, 5);
        var usage = await One.UsageAsync(user);
        Assert.Equal((uploads.Count(isStored => isStored) * 9 * Megabyte, 0), (usage.StoredBytes, usage.ReservedBytes));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Of_two_activations_that_count_at_the_same_time_one_can_grant_and_only_because_of_the_ETag(bool checksETags, int granted)
    {
        var user = await AddUserAsync();
        state.ChecksETags = checksETags;
        using var both = new Barrier(2);
        var writes = 0;
        // The first write of each waits until the other has counted too.
        state.BeforeWrite = () => Interlocked.Increment(ref writes) <= 2 ? Task.Run(() => both.SignalAndWait(TimeSpan.FromSeconds(30))) : Task.CompletedTask;

        var grants = await Task.WhenAll(One.ReserveAsync(user, 30 * Megabyte, 30 * Megabyte), Other.ReserveAsync(user, 30 * Megabyte, 30 * Megabyte));

        Assert.Equal(granted, grants.Count(grant => grant.Grant.Status == UploadStatus.Granted));
        Assert.Equal(2 - granted, grants.Count(grant => grant.Grant is { Status: UploadStatus.LimitExceeded, Limit: QuotaLimit.Storage }));
    }

    [Fact]
    public async Task What_one_activation_granted_another_renews_settles_and_releases()
    {
        var user = await AddUserAsync();
        Assert.Equal(0, (await Other.UsageAsync(user)).Uploads);
        var (first, second) = (await One.BeginAsync(user), await One.BeginAsync(user));
        Assert.True(await Other.Quota(user).RenewAsync(first));
        Assert.NotNull(await Other.SettleAsync(user, first));
        await Other.Quota(user).ReleaseAsync(second, mayHaveMedia: false);

        var usage = await One.UsageAsync(user);
        Assert.Equal((Megabyte, 0, 0), (usage.StoredBytes, usage.ReservedBytes, usage.Uploads));
    }

    [Fact]
    public async Task Who_never_gets_to_write_reserves_nothing()
    {
        var user = await AddUserAsync();
        state.BeforeWrite = () => throw new InconsistentStateException("Somebody was faster.");
        var (id, grant) = await One.ReserveAsync(user, Megabyte, Megabyte);
        Assert.Equal(UploadStatus.Busy, grant.Status);
        Assert.Equal(RestoreStatus.NotFound, await One.Quota(user).RestoreAsync(id));

        state.BeforeWrite = () => Task.CompletedTask;
        Assert.Equal(0, (await One.UsageAsync(user)).Uploads);
        Assert.Null(await One.SettleAsync(user, id));
    }

    [Fact]
    public async Task A_state_that_cannot_be_written_fails_the_call_and_holds_nothing_longer_than_a_lease()
    {
        var user = await AddUserAsync();
        var running = await One.BeginAsync(user);
        state.BeforeWrite = () => throw new IOException("The storage is away.");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => One.ReserveAsync(user, Megabyte, Megabyte));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => One.Quota(user).RenewAsync(running));
        // The row is what counts.
        Assert.NotNull(await One.SettleAsync(user, running));

        state.BeforeWrite = () => Task.CompletedTask;
        Assert.Equal((Megabyte, 0), ((await One.UsageAsync(user)).StoredBytes, (await One.UsageAsync(user)).ReservedBytes));
        await stores.AdvanceAsync(Lease);
        await One.BeginAsync(user, 49 * Megabyte);
    }

    [Fact]
    public async Task An_upload_that_begins_before_midnight_counts_on_the_day_on_which_it_ends()
    {
        var user = await AddUserAsync();
        await One.Quota(user).SetOverridesAsync(new QuotaOverrides(StorageBytes: 1_000 * Megabyte));
        await One.UploadAsync(user, 60 * Megabyte);
        await stores.AdvanceAsync(stores.Now.Date.AddDays(1) - stores.Now.DateTime - TimeSpan.FromSeconds(1));
        var late = await One.BeginAsync(user, 40 * Megabyte);
        await stores.AdvanceAsync(TimeSpan.FromSeconds(2));

        var (_, grant) = await One.ReserveAsync(user, 60 * Megabyte, null);
        Assert.Equal((UploadStatus.Granted, 60 * Megabyte, QuotaLimit.DailyUpload), (grant.Status, grant.Bytes, grant.Limit));
        Assert.NotNull(await One.SettleAsync(user, late, 40 * Megabyte));
        Assert.Equal((40 * Megabyte, 60 * Megabyte), ((await One.UsageAsync(user)).UploadedBytes, (await One.UsageAsync(user)).ReservedBytes));
        Assert.Equal(UploadStatus.LimitExceeded, (await One.ReserveAsync(user, 1, null)).Grant.Status);
    }

    [Fact]
    public async Task Restores_at_once_get_no_more_than_there_is()
    {
        var user = await AddUserAsync();
        var videos = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            videos.Add(await One.UploadAsync(user, 20 * Megabyte));
            Assert.True(await One.Video(videos[i]).DeleteAsync(user));
        }

        var restored = await Task.WhenAll(videos.Select((video, i) => (i % 2 == 0 ? One : Other).Quota(user).RestoreAsync(video)));

        var count = restored.Count(status => status == RestoreStatus.Restored);
        Assert.InRange(count, 1, 2);
        Assert.All(restored, status => Assert.Contains(status, new[] { RestoreStatus.Restored, RestoreStatus.StorageExceeded, RestoreStatus.Busy }));
        Assert.Equal(count * 20 * Megabyte, (await One.UsageAsync(user)).StoredBytes);
    }

    /// <summary>Adds the grain storage to a silo; answers what takes it from its services.</summary>
    protected abstract Func<IServiceProvider, IGrainStorage> AddStorage(ISiloBuilder silo);

    private Task<SiloFixture> StartAsync() => SiloFixture.StartAsync(
        stores,
        configure: silo =>
        {
            var storage = AddStorage(silo);
            silo.Services.AddSingleton<IGrainStorage>(services => new GatedState(storage(services), state));
        },
        settings: ("Quota:ParallelUploads", "10"));

    /// <summary>Somebody whom no earlier run of the tests knows: grains' states are not emptied.</summary>
    private async Task<Guid> AddUserAsync()
    {
        var user = Guid.NewGuid();
        await stores.AddUserAsync(user, "somebody");
        return user;
    }

    private static async Task<bool> UploadAsync(SiloFixture silo, Guid user)
    {
        var (id, grant) = await silo.ReserveAsync(user, 9 * Megabyte, 9 * Megabyte);
        return grant.Status == UploadStatus.Granted && await silo.SettleAsync(user, id, 9 * Megabyte) is not null;
    }
}

public sealed class SharedQuotaRaceTests() : QuotaRaceContract(new EmbeddedFixture())
{
    private readonly SharedQuotas quotas = new();

    protected override Func<IServiceProvider, IGrainStorage> AddStorage(ISiloBuilder silo) => _ => quotas;
}

[Collection(ServersTests.Name)]
public sealed class AdoNetQuotaRaceTests() : QuotaRaceContract(new ServersFixture())
{
    private const string Storage = "tables";

    protected override Func<IServiceProvider, IGrainStorage> AddStorage(ISiloBuilder silo)
    {
        silo.Services.PostConfigure<ClusterOptions>(cluster => cluster.ServiceId = nameof(AdoNetQuotaRaceTests));
        silo.AddAdoNetGrainStorage(Storage, ado => (ado.Invariant, ado.ConnectionString) = (OrleansServers.Invariant, TestServers.Orleans));
        return services => services.GetRequiredKeyedService<IGrainStorage>(Storage);
    }
}
