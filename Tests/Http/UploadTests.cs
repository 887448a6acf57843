using Microsoft.Extensions.DependencyInjection;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed partial class UploadTests(ClosedApplication application)
{
    private const string Path = "/api/videos/upload";
    private const int Megabyte = 1_048_576;

    private readonly Api api = application.Api;

    [Fact]
    public async Task Upload_is_answered_as_the_system_before_did_and_is_a_video_then()
    {
        var person = await application.SignUpAsync();
        var file = VideoFile.Mp4(3 * Megabyte);

        var answer = (await UploadAsync(person, VideoFile.Form(file, "  Holidays, with Grandma ✓ ", "C:\\videos\\Our holidays.mp4"))).IsJson().Json;

        Assert.Equal("message:String file:Object", Shape.Of(answer));
        Assert.Equal("File uploaded successfully", answer.GetProperty("message").GetString());
        var described = answer.GetProperty("file");
        Assert.Equal(
            "asset_id:String public_id:String version:Number format:String resource_type:String created_at:String bytes:Number type:String url:String secure_url:String original_filename:String",
            Shape.Of(described));
        var id = Guid.Parse(described.GetProperty("public_id").GetString()!["videos/".Length..]);
        Assert.Equal("mp4", described.GetProperty("format").GetString());
        Assert.Equal("video", described.GetProperty("resource_type").GetString());
        Assert.Equal(file.Length, described.GetProperty("bytes").GetInt64());
        Assert.Equal("Our holidays", described.GetProperty("original_filename").GetString());
        Assert.EndsWith($"/{id}.mp4", described.GetProperty("secure_url").GetString(), StringComparison.Ordinal);
        Shape.IsMoment(described.GetProperty("created_at"));
        (await api.GetAsync(new Uri(described.GetProperty("secure_url").GetString()!).PathAndQuery)).Is(200, "video/mp4");
        var video = (await application.Grains.GetGrain<IVideoGrain>(id).GetAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal((person.UserId, "Holidays, with Grandma ✓", VideoFormat.Mp4, (long)file.Length), (video.UserId, video.Title, video.Format, video.Bytes));
        Assert.Equal(file, await StoredAsync(id));
        Assert.Equal((file.Length, file.Length, 0, 0), await UsageAsync(person));
    }

    [Fact]
    public async Task Fields_come_in_any_order_and_others_are_skipped()
    {
        var person = await application.SignUpAsync();
        var file = VideoFile.Mp4(1_000_000);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("ignored"), "description" },
            { VideoFile.Part(file), "video", "a.mp4" },
            { new ByteArrayContent(new byte[20_000]), "poster", "a.jpg" },
            { new StringContent("Last"), "title" },
        };

        var answer = (await UploadAsync(person, form)).IsJson().Json;

        var id = Guid.Parse(answer.GetProperty("file").GetProperty("public_id").GetString()!["videos/".Length..]);
        Assert.Equal("Last", (await application.Grains.GetGrain<IVideoGrain>(id).GetAsync(TestContext.Current.CancellationToken))!.Title);
        Assert.Equal(file, await StoredAsync(id));
    }

    [Theory]
    [InlineData(true, 100_000)]
    [InlineData(false, 100_000)]
    [InlineData(false, 3_000_000)]
    public async Task Other_part_that_is_too_large_is_named_with_what_is_allowed(bool isFirst, int bytes)
    {
        var person = await application.SignUpAsync();
        using var form = new MultipartFormDataContent();
        if (isFirst)
            form.Add(new ByteArrayContent(new byte[bytes]), "thumb", "a.jpg");

        form.Add(new StringContent("A title"), "title");
        form.Add(VideoFile.Part(VideoFile.Mp4(1_000_000)), "video", "a.mp4");
        if (!isFirst)
            form.Add(new ByteArrayContent(new byte[bytes]), "thumb", "a.jpg");

        var refused = (await UploadAsync(person, form)).IsProblem(400, "body");

        Assert.Equal(
            "The part \"thumb\" is not used, and too large: beside the file field video and the text field title a form may have 64 kB, all together.",
            refused.Json.GetProperty("message").GetString());
        Assert.Equal((0, 0, 0, 0), await UsageAsync(person));
    }

    [Fact]
    public async Task Exactly_as_much_as_the_limit_fits_and_not_one_byte_more()
    {
        var person = await application.SignUpAsync();

        foreach (var chunked in (bool[])[true, false])
        {
            IsLimit(await UploadAsync(person, VideoFile.Form(VideoFile.Mp4((50 * Megabyte) + 1)), chunked), "Exceeding total storage limit of 50MB", "storage");
            Assert.Equal((0, 0, 0, 0), await UsageAsync(person));
        }

        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(50 * Megabyte)))).IsJson();
        IsLimit(await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(1_000))), "Exceeding total storage limit of 50MB", "storage");
        Assert.Equal((50 * Megabyte, 50 * Megabyte, 0, 0), await UsageAsync(person));
        NothingIsLeft();
    }

    [Fact]
    public async Task Upload_that_plays_nowhere_is_told_so_in_the_lists()
    {
        var person = await application.SignUpAsync();
        byte[] twelve = [0, 0, 0, 12, .. "ftypisom"u8];
        foreach (var file in (byte[][])[twelve, [.. twelve, .. "<html><body>This is a page.</body></html>"u8]])
            (await UploadAsync(person, VideoFile.Form(file))).IsJson();

        await Poll.UntilAsync(async () =>
        {
            var videos = (await api.GetAsync($"/api/videos/user/{person.UserId}", person.Token)).IsJson().Json.GetProperty("videos").EnumerateArray().ToList();
            return videos.Count == 2 && videos.TrueForAll(video => video.GetProperty("playable").ValueKind == System.Text.Json.JsonValueKind.False
                && video.GetProperty("reason").GetString()!.Contains("no index", StringComparison.Ordinal)) ? null : string.Join('\n', videos);
        });
    }

    [Fact]
    public async Task Number_of_videos_is_limited_too()
    {
        var person = await application.SignUpAsync();
        await application.Grains.GetGrain<IQuotaGrain>(person.UserId).SetOverridesAsync(new QuotaOverrides(Videos: 1));
        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(100)))).IsJson();

        IsLimit(await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(100))), "Exceeding the limit of 1 videos; delete some first.", "videos");
        var usage = (await api.GetAsync("/api/storage/usage", person.Token)).IsJson().Json;
        Assert.Equal((100, 4_096, 1, 1), (usage.GetProperty("totalSizeBytes").GetInt64(), usage.GetProperty("chargedBytes").GetInt64(), usage.GetProperty("videos").GetInt32(), usage.GetProperty("maxVideos").GetInt32()));
    }

    [Fact]
    public async Task Days_bandwidth_counts_what_was_deleted_and_says_when_it_begins_again()
    {
        var person = await application.SignUpAsync();
        await application.Grains.GetGrain<IQuotaGrain>(person.UserId).SetOverridesAsync(new QuotaOverrides(DailyUploadBytes: 3 * Megabyte / 2));
        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(Megabyte)))).IsJson();
        await application.Grains.GetGrain<IVideosGrain>(0).DeleteAllAsync(person.UserId);

        var refused = await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(Megabyte)));

        IsLimit(refused, "Exceeding daily bandwidth limit of 1.5 MB", "daily_upload");
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], null), 1, 24 * 60 * 60);
        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(Megabyte / 2)))).IsJson();
    }

    [Fact]
    public async Task Nobody_uploads_without_a_token() =>
        (await api.SendAsync("POST", Path, VideoFile.Form(VideoFile.Mp4(1_000)))).IsProblem(401, error: "Token not provided");

    [Fact]
    public async Task Uploads_are_in_the_audit_log()
    {
        var person = await application.SignUpAsync();

        (await UploadAsync(person, VideoFile.Form(VideoFile.Mp4(1_000)))).IsJson();

        await IsLoggedAsync(person, "User uploaded a new video");
    }

    private static void IsLimit(Answer answer, string message, string limit)
    {
        answer.Is(400, "application/problem+json");
        Assert.Equal(message, answer.Json.GetProperty("message").GetString());
        Assert.Equal(limit, answer.Json.GetProperty("limit").GetString());
    }

    private Task<Answer> UploadAsync(Person person, MultipartFormDataContent form, bool chunked = false)
    {
        var token = person.Token;
        return chunked
            ? api.SendAsync("POST", Path, new ChunkedContent(form), token)
            : api.SendAsync("POST", Path, form, token);
    }

    private async Task<byte[]> StoredAsync(Guid id)
    {
        var media = application.Services.GetRequiredService<IMediaStore>();
        var content = Assert.IsType<MediaContent.Bytes>(await media.OpenAsync(id, MediaKind.Video, TestContext.Current.CancellationToken));
        await using var stream = content.Content;
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
        return bytes.ToArray();
    }

    private async Task<(long Stored, long Uploaded, long Reserved, int Uploads)> UsageAsync(Person person)
    {
        var usage = (await application.Grains.GetGrain<IQuotaGrain>(person.UserId).GetUsageAsync())!;
        return (usage.StoredBytes, usage.UploadedBytes, usage.ReservedBytes, usage.Uploads);
    }

    private void NothingIsLeft() =>
        Assert.Empty(Directory.EnumerateFiles(application.Services.GetRequiredService<MediaFolder>().Incoming));

    private Task IsLoggedAsync(Person person, string description) =>
        Logged.AsAsync(api, person.UserId, person.Token, $"UPLOAD_VIDEO / VideoUploadService / {description}");
}
