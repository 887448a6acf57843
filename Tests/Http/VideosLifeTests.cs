using System.Text.Json;

namespace Streaming.Tests.Http;

/// <summary>A video from its upload to its end, by HTTP alone.</summary>
[Collection(HttpTests.Name)]
public sealed class VideosLifeTests
{
    private const int Bytes = 1_048_576;

    private readonly StreamingApplication application;
    private readonly Api api;
    private readonly Guid user;

    public VideosLifeTests(StreamingApplication application)
    {
        this.application = application;
        api = application.Api;
        user = application.TakeUser();
    }

    private (string, string) Owner => application.Token(user);

    [Fact]
    public async Task Uploaded_video_is_listed_and_plays_until_it_is_deleted_and_again_when_it_is_restored()
    {
        var uploaded = (await UploadAsync()).IsJson().Json;
        var id = Assert.Single(await ListAsync()).GetProperty("filename").GetString();
        Assert.Equal($"videos/{id}", uploaded.GetProperty("file").GetProperty("public_id").GetString());
        var url = (await api.GetAsync($"/api/videos/stream/{id}", Owner)).IsJson().Json.GetProperty("url").GetString()!;
        var listed = Assert.Single(await ListAsync()).GetProperty("filepath").GetString()!;
        foreach (var address in (string[])[url, listed, listed.Replace(".mp4", ".jpg", StringComparison.Ordinal)])
            await PlayAsync(address, 200);

        (await api.SendAsync("DELETE", $"/api/videos/delete/{id}", null, Owner)).IsJson();

        Assert.Empty(await ListAsync());
        await PlayAsync(url, 404);
        (await api.GetAsync($"/api/videos/stream/{id}", Owner)).IsProblem(404, message: "Video not found");

        (await api.PostAsync($"/api/videos/restore/{id}", null, Owner)).IsJson();
        await PlayAsync(url, 200);
    }

    [Fact]
    public async Task Upload_and_playing_are_in_the_usage_of_the_day()
    {
        (await UploadAsync()).IsJson();
        await PlayAsync(Assert.Single(await ListAsync()).GetProperty("filepath").GetString()!, 200);

        Assert.Equal("2.00", (await api.GetAsync("/api/storage/usage", Owner)).IsJson().Json.GetProperty("usagePercentage").GetString());
        await Poll.UntilAsync(async () =>
        {
            var usage = (await api.GetAsync("/api/usage/daily-usage", Owner)).IsJson().Json;
            var (up, down) = (usage.GetProperty("totalUsageBytes").GetInt64(), usage.GetProperty("downloads").GetProperty("totalUsageBytes").GetInt64());
            return (up, down) == (Bytes, Bytes) ? null : $"{up} bytes up, {down} bytes down";
        });
    }

    [Fact]
    public async Task Limit_of_downloads_that_is_used_up_ends_playing_for_the_day()
    {
        (await UploadAsync()).IsJson();
        var url = Assert.Single(await ListAsync()).GetProperty("filepath").GetString()!;
        (await api.SendAsync("PUT", $"/api/admin/users/{user}/quota", Api.Json("""{"daily_download_mb":1}"""), application.Administrator())).IsJson();

        await PlayAsync(url, 200);

        await Poll.UntilAsync(async () => (await api.GetAsync(new Uri(url).AbsolutePath)).Status is var status and not 429 ? $"{status}" : null);
        Assert.True((await api.GetAsync("/api/usage/daily-usage", Owner)).Json.GetProperty("downloads").GetProperty("isThresholdExceeded").GetBoolean());
    }

    private async Task<Answer> UploadAsync()
    {
        using var form = VideoFile.Form(VideoFile.Mp4(Bytes), "Sunset");
        return await api.SendAsync("POST", "/api/videos/upload", form, Owner);
    }

    /// <summary>As a browser does for <c>&lt;video&gt;</c>: without a token.</summary>
    private async Task PlayAsync(string url, int status) => (await api.GetAsync(new Uri(url).AbsolutePath)).Is(status);

    private async Task<List<JsonElement>> ListAsync() =>
        [.. (await api.GetAsync($"/api/videos/user/{user}", Owner)).IsJson().Json.GetProperty("videos").EnumerateArray()];
}
