using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public abstract class QuotaStoreContract(StoreFixture fixture) : VideosContract(fixture)
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Now.UtcDateTime);

    [Fact]
    public async Task Whoever_has_nothing_uses_nothing_and_who_is_not_there_has_no_usage()
    {
        var usage = await UsageAsync(await AddUserAsync());
        Assert.Equal(new QuotaOverrides(), usage.Overrides);
        Assert.Equal((0, 0, 0), (usage.StoredBytes, usage.UploadedBytes, usage.DownloadedBytes));
        Assert.Equal((0, 0, 0), (usage.StoredCharge, usage.UploadedCharge, usage.StoredVideos));
        Assert.Empty(usage.Settled);
        Assert.Null(await Quotas.GetUsageAsync(Samples.Id(), Today, [], Cancel));
    }

    [Fact]
    public async Task Stored_videos_fill_the_storage_and_all_that_was_stored_in_the_day_its_bandwidth()
    {
        var user = await AddUserAsync();
        await AddVideoAsync(await AddUserAsync("another"), bytes: 5_000_000);
        await BeginAsync(user, Now + Grace);
        var midnight = new DateTimeOffset(Now.Date, TimeSpan.Zero);
        await AddVideoAsync(user, midnight, bytes: 1);
        await AddVideoAsync(user, midnight.AddMilliseconds(-1), bytes: 10);
        await AddVideoAsync(user, midnight.AddDays(1).AddMilliseconds(-1), bytes: 100);
        await AddVideoAsync(user, midnight.AddDays(1), bytes: 1_000);
        await AddDeletedAsync(user, midnight, bytes: 10_000);
        var removing = await AddDeletedAsync(user, midnight, TimeSpan.Zero, bytes: 100_000);
        Assert.Equal([removing.VideoId], await TakeAsync(midnight.AddDays(1)));

        var (yesterday, today, tomorrow) = (
            await UsageAsync(user, Now.AddDays(-1)), await UsageAsync(user, Now), await UsageAsync(user, Now.AddDays(1)));

        Assert.All([yesterday, today, tomorrow], usage => Assert.Equal(1_111, usage.StoredBytes));
        Assert.Equal((10, 110_101, 1_000), (yesterday.UploadedBytes, today.UploadedBytes, tomorrow.UploadedBytes));
        // Small ones are charged as larger ones, and sizes stay true.
        Assert.All([yesterday, today, tomorrow], usage => Assert.Equal((4 * QuotaLimits.MinCharge, 4), (usage.StoredCharge, usage.StoredVideos)));
        Assert.Equal(
            (QuotaLimits.MinCharge, (2 * QuotaLimits.MinCharge) + 110_000, QuotaLimits.MinCharge), (yesterday.UploadedCharge, today.UploadedCharge, tomorrow.UploadedCharge));
    }

    [Fact]
    public async Task Uploads_that_became_rows_that_count_are_told()
    {
        var user = await AddUserAsync();
        var (stored, deleted) = ((await AddVideoAsync(user)).VideoId, (await AddDeletedAsync(user)).VideoId);
        var removing = (await AddDeletedAsync(user, Now - Grace, Grace)).VideoId;
        var given = await BeginAsync(user);
        await Videos.AbandonAsync(given, mayHaveMedia: true, Now, Cancel);
        Assert.Equal(Ascending([removing, given]), Ascending(await TakeAsync(Now)));
        var uploading = await BeginAsync(user);
        var anothers = (await AddVideoAsync(await AddUserAsync("another"))).VideoId;

        var usage = await UsageAsync(user, Now, stored, deleted, removing, given, uploading, anothers, Samples.Id());

        Assert.Equal(Ascending([stored, deleted, removing]), Ascending(usage.Settled));
    }

    [Fact]
    public async Task What_an_administrator_set_stands_until_it_is_set_again()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        QuotaOverrides[] limits = [new(1, 2, 3, 4), new(DailyUploadBytes: 0), new(long.MaxValue, null, 9), new(Videos: 0), new()];
        foreach (var set in limits)
        {
            Assert.True(await Quotas.SetOverridesAsync(user, set, Cancel));
            Assert.Equal(set, (await UsageAsync(user)).Overrides);
        }

        Assert.Equal(new QuotaOverrides(), (await UsageAsync(other)).Overrides);
        Assert.False(await Quotas.SetOverridesAsync(Samples.Id(), limits[0], Cancel));
    }

    [Fact]
    public async Task Limits_go_with_their_account()
    {
        var user = await AddUserAsync();
        await Quotas.SetOverridesAsync(user, new QuotaOverrides(1), Cancel);
        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(user, Cancel));
        Assert.Null(await Quotas.GetUsageAsync(user, Today, [], Cancel));

        await Fixture.AddUserAsync(user, "somebody else");

        Assert.Equal(new QuotaOverrides(), (await UsageAsync(user)).Overrides);
    }

    [Fact]
    public async Task Limits_set_while_the_account_is_removed_are_set_or_not_and_never_fail()
    {
        for (var round = 0; round < 12; round++)
        {
            var user = await AddUserAsync($"somebody {round}");
            var (setting, removing) = (Quotas.SetOverridesAsync(user, new QuotaOverrides(1), Cancel), Fixture.Accounts.RemoveAsync(user, Cancel));
            await setting;
            Assert.Equal(AccountChangeStatus.Changed, await removing);
        }
    }
}

public sealed class SqliteQuotaStoreTests() : QuotaStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresQuotaStoreTests() : QuotaStoreContract(new ServersFixture());
