using System.Text.Json;
using Streaming.Tests.Videos;
using Streaming.Users;

namespace Streaming.Tests.Http;

/// <summary>The second system's front end works unmodified from the registration to the logs.</summary>
[Collection(ClosedTests.Name)]
public sealed class FrontEndTests(ClosedApplication application) : IDisposable
{
    private const int Megabyte = 1_048_576;

    private readonly FrontEnd page = new(application.Api.Server);
    private readonly string email = $"viewer.{Guid.NewGuid():N}@example.com";

    public void Dispose() => page.Dispose();

    [Fact]
    public async Task Person_registers_uploads_plays_and_deletes()
    {
        var user = await SignInAsync();
        await ShowsNothingYetAsync();

        var files = Enumerable.Range(1, 6).Select(i => NoiseVideo.Of((i * Megabyte / 2) + i, seed: i)).ToArray();
        foreach (var (i, file) in files.Index())
            await UploadAsync(file, $"Clip {i}");

        var videos = (await page.VideosAsync()).GetProperty("videos").EnumerateArray().Where(IsOwn).ToArray();
        Assert.Equal(["Clip 5", "Clip 4", "Clip 3", "Clip 2", "Clip 1", "Clip 0"], videos.Select(video => Text(video, "title")));
        Assert.Equal(6, videos.Select(video => video.GetProperty("id").ToString()).Distinct().Count());
        foreach (var (video, file) in videos.Reverse().Zip(files))
        {
            await ShowsImageAsync(video);
            await PlaysAsync(video, file);
        }

        var megabytes = files.Sum(file => (double)file.Length) / Megabyte;
        Assert.Equal($"{megabytes:F2}", FrontEnd.ToFixed((await page.StorageAsync()).GetProperty("totalSizeMb")));
        Assert.Equal($"{megabytes:F2}", FrontEnd.ToFixed((await page.BandwidthAsync()).GetProperty("totalUsageMb")));
        await ShowsProfileAsync(user, 6);
        await DeletesAsync(user, videos, files);
        await ShowsLogsAsync(user);

        bool IsOwn(JsonElement video) => Text(video, "user_id") == user;
    }

    [Fact]
    public async Task Refusals_are_shown_in_the_words_that_it_looks_for()
    {
        Assert.Equal("Invalid credentials", await FrontEnd.MessageOfAsync(page.LogInAsync(email)));
        await SignInAsync();

        Assert.Equal("Video title is required", await FrontEnd.MessageOfAsync(page.UploadAsync(NoiseVideo.Of(1_000), "")));
        Assert.Contains("Exceeding total storage limit", await FrontEnd.MessageOfAsync(page.UploadAsync(NoiseVideo.Of((50 * Megabyte) + 1), "Too large")), StringComparison.Ordinal);
        await UploadAsync(NoiseVideo.Of(50 * Megabyte), "As large as it may be");
        Assert.Contains("Exceeding total storage limit", await FrontEnd.MessageOfAsync(page.UploadAsync(NoiseVideo.Of(Megabyte), "One more")), StringComparison.Ordinal);
        Assert.Equal("100.00", Text(await page.StorageAsync(), "usagePercentage"));

        await page.DeleteAllAsync();
        await UploadAsync(NoiseVideo.Of(50 * Megabyte, 1), "The rest of the day");
        await page.DeleteAllAsync();
        Assert.Contains("Exceeding daily bandwidth limit", await FrontEnd.MessageOfAsync(page.UploadAsync(NoiseVideo.Of(Megabyte), "One more")), StringComparison.Ordinal);
        var bandwidth = await page.BandwidthAsync();
        Assert.Equal("100.00", FrontEnd.ToFixed(bandwidth.GetProperty("totalUsageMb")));

        Assert.Equal("Video not found", await FrontEnd.MessageOfAsync(page.StreamAsync($"{Guid.NewGuid()}")));
        Assert.Equal("Unauthorized or video not found", await FrontEnd.MessageOfAsync(page.DeleteAsync($"{Guid.NewGuid()}")));
        Assert.Equal("Access denied. Admin role required.", await FrontEnd.MessageOfAsync(page.AllLogsAsync()));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private async Task<string> SignInAsync()
    {
        Assert.Equal("User registered successfully", Text(await page.RegisterAsync(email, "A viewer"), "message"));
        var payload = await page.LogInAsync(email);
        Assert.Equal(email, Text(payload, "email"));
        Assert.InRange(DateTimeOffset.FromUnixTimeSeconds(payload.GetProperty("exp").GetInt64()), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1).AddMinutes(1));
        return Text(payload, "id");
    }

    private async Task ShowsNothingYetAsync()
    {
        var storage = await page.StorageAsync();
        Assert.Equal("0.00", FrontEnd.ToFixed(storage.GetProperty("totalSizeMb")));
        Assert.Equal(50, storage.GetProperty("maxStorageMb").GetDouble());
        Assert.Equal("0.00", Text(storage, "usagePercentage"));
        var bandwidth = await page.BandwidthAsync();
        Assert.Equal("0.00", FrontEnd.ToFixed(bandwidth.GetProperty("totalUsageMb")));
        Assert.Equal(100, bandwidth.GetProperty("dailyLimitMb").GetDouble());
        Assert.False(bandwidth.GetProperty("isThresholdExceeded").GetBoolean());
        Assert.Equal("Bandwidth usage is within the daily limit.", Text(bandwidth, "message"));
    }

    private async Task UploadAsync(byte[] bytes, string title)
    {
        var answer = await page.UploadAsync(bytes, title);
        Assert.Equal("File uploaded successfully", Text(answer, "message"));
        var file = answer.GetProperty("file");
        Assert.StartsWith("videos/", Text(file, "public_id"), StringComparison.Ordinal);
        Assert.Equal("video", Text(file, "resource_type"));
        Assert.Equal("mp4", Text(file, "format"));
        Assert.Equal(bytes.Length, file.GetProperty("bytes").GetInt64());
        Assert.EndsWith(".mp4", Text(file, "secure_url"), StringComparison.Ordinal);
        Assert.NotEqual("", Text(file, "asset_id"));
    }

    private async Task ShowsImageAsync(JsonElement video)
    {
        var (status, type, bytes) = await page.LoadAsync(FrontEnd.ImageOf(Text(video, "filepath")));
        Assert.Equal(200, status);
        Assert.StartsWith("image/", type, StringComparison.Ordinal);
        Assert.NotEmpty(bytes);
    }

    private async Task PlaysAsync(JsonElement video, byte[] file)
    {
        var url = Text(await page.StreamAsync(Text(video, "filename")), "url");
        var (status, type, bytes) = await page.LoadAsync(url);
        Assert.Equal((200, "video/mp4"), (status, type));
        Assert.Equal(file, bytes);
        (status, _, bytes) = await page.LoadAsync(url, "bytes=1000-2999");
        Assert.Equal(206, status);
        Assert.Equal(file[1_000..3_000], bytes);
        (status, _, bytes) = await page.LoadAsync(url, "bytes=-10");
        Assert.Equal(206, status);
        Assert.Equal(file[^10..], bytes);
    }

    private async Task ShowsProfileAsync(string user, int count)
    {
        var profile = (await page.UserAsync(user)).GetProperty("user");
        Assert.Equal(("A viewer", email), (Text(profile, "username"), Text(profile, "email")));
        Shape.IsMoment(profile.GetProperty("created_at"));
        var shown = new List<string>();
        for (var at = 0; at * FrontEnd.PageOfProfile < count; at++)
        {
            var videos = await page.VideosOfAsync(user, at);
            Assert.Equal(count, videos.GetProperty("total").GetInt32());
            shown.AddRange(videos.GetProperty("videos").EnumerateArray().Take(FrontEnd.PageOfProfile).Select(video => Text(video, "title")));
        }

        Assert.Equal(Enumerable.Range(0, count).Reverse().Select(i => $"Clip {i}"), shown);
        Assert.Equal("Unauthorized to fetch this user's videos", await FrontEnd.MessageOfAsync(page.VideosOfAsync($"{Guid.NewGuid()}", 0)));
    }

    private async Task DeletesAsync(string user, JsonElement[] videos, byte[][] files)
    {
        var deleted = videos[0];
        var url = Text(await page.StreamAsync(Text(deleted, "filename")), "url");
        Assert.Equal("Video deleted successfully (soft delete)", Text(await page.DeleteAsync(Text(deleted, "filename")), "message"));

        Assert.Equal("Video not found", await FrontEnd.MessageOfAsync(page.StreamAsync(Text(deleted, "filename"))));
        Assert.Equal(404, (await page.LoadAsync(url)).Status);
        Assert.Equal(404, (await page.LoadAsync(FrontEnd.ImageOf(url))).Status);
        var left = (await page.VideosOfAsync(user, 0)).GetProperty("videos").EnumerateArray().Select(video => Text(video, "filename"));
        Assert.Equal(videos[1..].Select(video => Text(video, "filename")), left);
        var megabytes = files[..^1].Sum(file => (double)file.Length) / Megabyte;
        Assert.Equal($"{megabytes:F2}", FrontEnd.ToFixed((await page.StorageAsync()).GetProperty("totalSizeMb")));
        // What was uploaded today stays so.
        megabytes = files.Sum(file => (double)file.Length) / Megabyte;
        Assert.Equal($"{megabytes:F2}", FrontEnd.ToFixed((await page.BandwidthAsync()).GetProperty("totalUsageMb")));

        Assert.Equal("All videos deleted successfully (soft delete)", Text(await page.DeleteAllAsync(), "message"));
        Assert.Equal(0, (await page.VideosOfAsync(user, 0)).GetProperty("total").GetInt32());
        Assert.Equal("0.00", FrontEnd.ToFixed((await page.StorageAsync()).GetProperty("totalSizeMb")));
    }

    private async Task ShowsLogsAsync(string user)
    {
        string[] expected = ["REGISTER", "LOGIN", "UPLOAD_VIDEO", "FETCH_VIDEOS", "FETCH_USER_VIDEOS", "STREAM_VIDEO", "CHECK_STORAGE", "CHECK_BANDWIDTH", "DELETE_VIDEO", "DELETE_ALL_VIDEOS"];
        // They are written in batches.
        await Poll.UntilAsync(async () =>
        {
            var logs = (await page.LogsAsync(user)).GetProperty("logs").EnumerateArray().Select(log => Text(log, "action_type")).ToHashSet();
            return logs.IsSupersetOf(expected) ? null : $"{string.Join(", ", expected.Except(logs))} is missing";
        });

        using var office = new FrontEnd(application.Api.Server);
        var administrator = await application.SignUpAsync(AccountRole.Admin);
        await office.LogInAsync(administrator.Email);
        Assert.Equal("admin", Text((await office.UserAsync($"{administrator.UserId}")).GetProperty("user"), "role"));
        Assert.True((await office.AllLogsAsync()).GetProperty("total").GetInt64() >= expected.Length);
        Assert.True((await office.LogsAsync(user)).GetProperty("total").GetInt64() >= expected.Length);
    }
}
