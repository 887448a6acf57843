using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Videos;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class UsageTests
{
    private const string Storage = "/api/storage/usage";
    private const string Daily = "/api/usage/daily-usage";

    private readonly StreamingApplication application;
    private readonly Api api;
    private readonly Guid user;

    public UsageTests(StreamingApplication application)
    {
        this.application = application;
        api = application.Api;
        user = application.TakeUser();
    }

    private (string, string) Owner => application.Token(user);

    private IQuotaGrain Quota => application.Services.GetRequiredService<IGrainFactory>().GetGrain<IQuotaGrain>(user);

    [Fact]
    public async Task Storage_is_told_in_numbers_and_the_percentage_as_a_text_with_two_decimals()
    {
        await Clip.UploadAsync(application, user, 1_101_005);

        var usage = (await api.GetAsync(Storage, Owner)).IsJson().Json;

        Assert.Equal(
            "totalSizeMb:Number maxStorageMb:Number usagePercentage:String totalSizeBytes:Number maxStorageBytes:Number reservedBytes:Number uploads:Number chargedBytes:Number videos:Number maxVideos:Number",
            Shape.Of(usage));
        Assert.Equal(1.05, usage.GetProperty("totalSizeMb").GetDouble(), 0.0001);
        Assert.Equal("50", usage.GetProperty("maxStorageMb").GetRawText());
        Assert.Equal("2.10", usage.GetProperty("usagePercentage").GetString());
        Assert.Equal(1_101_005, usage.GetProperty("totalSizeBytes").GetInt64());
        await Logged.AsAsync(api, user, Owner, "CHECK_STORAGE / StorageManagementService / User checked storage usage");
    }

    [Fact]
    public async Task Empty_storage_is_zero_percent_used_and_a_full_one_a_hundred()
    {
        Assert.Equal("0.00", (await api.GetAsync(Storage, Owner)).IsJson().Json.GetProperty("usagePercentage").GetString());

        await Clip.UploadAsync(application, user, 50 * Clip.Megabyte);

        Assert.Equal("100.00", (await api.GetAsync(Storage, Owner)).IsJson().Json.GetProperty("usagePercentage").GetString());
    }

    [Fact]
    public async Task Upload_under_way_is_told_apart()
    {
        var id = Guid.NewGuid();
        await Quota.ReserveAsync(id, 0, 4_000);

        var storage = (await api.GetAsync(Storage, Owner)).IsJson().Json;
        var daily = (await api.GetAsync(Daily, Owner)).IsJson().Json;

        Assert.Equal("0 4000 1", $"{storage.GetProperty("totalSizeMb")} {storage.GetProperty("reservedBytes")} {storage.GetProperty("uploads")}");
        Assert.Equal("0 4000", $"{daily.GetProperty("totalUsageMb")} {daily.GetProperty("reservedBytes")}");
        await Quota.ReleaseAsync(id, mayHaveMedia: false);
        Assert.Equal(0, (await api.GetAsync(Storage, Owner)).Json.GetProperty("reservedBytes").GetInt64());
    }

    [Fact]
    public async Task Bandwidth_is_told_for_uploads_and_downloads_with_the_end_of_the_day()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        await Clip.UploadAsync(application, user, 20 * Clip.Megabyte);
        Assert.Equal(Outcome.Committed, await Quota.CountDownloadAsync(today, 3 * Clip.Megabyte));

        var usage = (await api.GetAsync(Daily, Owner)).IsJson().Json;

        Assert.Equal(
            "totalUsageMb:Number dailyLimitMb:Number isThresholdExceeded:Bool message:String totalUsageBytes:Number dailyLimitBytes:Number "
            + "reservedBytes:Number downloads:Object resetsAt:String chargedBytes:Number",
            Shape.Of(usage));
        Assert.Equal("20 100 False", $"{usage.GetProperty("totalUsageMb")} {usage.GetProperty("dailyLimitMb")} {usage.GetProperty("isThresholdExceeded")}");
        Assert.Equal("Bandwidth usage is within the daily limit.", usage.GetProperty("message").GetString());
        Shape.IsMoment(usage.GetProperty("resetsAt"));
        Assert.EndsWith("T00:00:00.000Z", usage.GetProperty("resetsAt").GetString(), StringComparison.Ordinal);
        var downloads = usage.GetProperty("downloads");
        Assert.Equal("totalUsageMb:Number dailyLimitMb:Null isThresholdExceeded:Bool totalUsageBytes:Number dailyLimitBytes:Null", Shape.Of(downloads));
        Assert.Equal("3 False", $"{downloads.GetProperty("totalUsageMb")} {downloads.GetProperty("isThresholdExceeded")}");
        await Logged.AsAsync(api, user, Owner, "CHECK_BANDWIDTH / UsageMonitoringService / User checked daily bandwidth usage");
    }

    [Fact]
    public async Task Bandwidth_that_is_used_up_is_said_and_deleting_does_not_give_it_back()
    {
        for (var i = 0; i < 2; i++)
        {
            var id = await Clip.UploadAsync(application, user, 50 * Clip.Megabyte);
            (await api.SendAsync("DELETE", $"/api/videos/delete/{id}", null, Owner)).IsJson();
        }

        var usage = (await api.GetAsync(Daily, Owner)).IsJson().Json;

        Assert.Equal("100 True", $"{usage.GetProperty("totalUsageMb")} {usage.GetProperty("isThresholdExceeded")}");
        Assert.Equal("Daily bandwidth limit exceeded. No further uploads allowed.", usage.GetProperty("message").GetString());
        Assert.Equal("0.00", (await api.GetAsync(Storage, Owner)).Json.GetProperty("usagePercentage").GetString());
    }

    [Theory]
    [InlineData(Storage)]
    [InlineData(Daily)]
    public async Task Usage_is_ones_own_alone(string path)
    {
        await Clip.UploadAsync(application, user, Clip.Megabyte);

        (await api.GetAsync(path)).IsProblem(401, error: "Token not provided");
        (await api.GetAsync(path, application.Token())).IsProblem(404, message: "User not found");
        Assert.Equal(0, Total((await api.GetAsync(path, application.Token(application.TakeUser()))).IsJson().Json));
        Assert.Equal(Clip.Megabyte, Total((await api.GetAsync(path, Owner)).IsJson().Json));
    }

    private static long Total(JsonElement usage) =>
        (usage.TryGetProperty("totalSizeBytes", out var stored) ? stored : usage.GetProperty("totalUsageBytes")).GetInt64();
}
