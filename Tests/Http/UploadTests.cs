using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class UploadTests(ClosedApplication application)
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

    [Theory]
    [InlineData("video", "No video file provided")]
    [InlineData("title", "Video title is required")]
    public async Task Form_that_lacks_something_is_refused_in_the_old_words(string missing, string message)
    {
        var person = await application.SignUpAsync();
        using var form = new MultipartFormDataContent();
        if (missing == "title")
            form.Add(VideoFile.Part(VideoFile.Mp4(100_000)), "video", "a.mp4");
        else
            form.Add(new StringContent("Title"), "title");

        (await UploadAsync(person, form)).IsProblem(400, missing, message);

        Assert.Equal((0, 0, 0, 0), await UsageAsync(person));
        NothingIsLeft();
        await IsLoggedAsync(person, "Error: " + message);
    }

    [Fact]
    public async Task Form_without_a_chosen_file_and_a_field_that_is_no_file_are_no_video()
    {
        var person = await application.SignUpAsync();
        using var nothing = new MultipartFormDataContent { { new StringContent("T"), "title" }, { new ByteArrayContent([]), "video", "\"\"" } };
        using var field = new MultipartFormDataContent { { new StringContent("T"), "title" }, { new StringContent("a"), "video" } };

        (await UploadAsync(person, nothing)).IsProblem(400, "video", "No video file provided");
        (await UploadAsync(person, field)).IsProblem(400, "video", "No video file provided");
    }

    [Theory]
    [InlineData("; filename*=\"UTF-8''na%C3%AFve.mp4\"", "naïve")]
    [InlineData("; filename=\"a\\\"b.mp4\"", "a\"b")]
    [InlineData("; filename=\"a%22b.mp4\"", "a\"b")]
    [InlineData("; filename=\"\"", "file")]
    [InlineData("; filename=", "file")]
    [InlineData("; filename=\"=?UTF-8?B?bmHDr3ZlLm1wNA==?=\"", "naïve")]
    [InlineData("", "file")]
    [InlineData("; filename=\"\\\"", "file")]
    public async Task File_is_taken_whatever_its_name_looks_like(string fileName, string shown) =>
        Assert.Equal(shown, await UploadNamedAsync(fileName));

    [Fact]
    public async Task Long_names_are_shown_by_their_first_255_characters()
    {
        Assert.Equal(new string('x', 255), await UploadNamedAsync($"; filename=\"{new string('x', 300)}.mp4\""));
        var escaped = string.Concat(Enumerable.Repeat("%F0%9F%8E%AC", 300));
        Assert.Equal(string.Concat(Enumerable.Repeat("🎬", 255)), await UploadNamedAsync($"; filename*=UTF-8''{escaped}.mp4"));
    }

    [Fact]
    public async Task Large_file_in_another_field_is_no_video_however_large_and_one_beside_it_is_told()
    {
        var person = await application.SignUpAsync();
        using var wrong = new MultipartFormDataContent { { new StringContent("T"), "title" }, { VideoFile.Part(VideoFile.Mp4(8 * Megabyte)), "file", "a.mp4" } };
        using var both = new MultipartFormDataContent { { new ByteArrayContent(new byte[Megabyte]), "poster", "a.jpg" }, { VideoFile.Part(VideoFile.Mp4(1_000)), "video", "a.mp4" }, { new StringContent("T"), "title" } };

        (await UploadAsync(person, wrong, chunked: true)).IsProblem(400, "video", "No video file provided");
        (await UploadAsync(person, wrong)).IsProblem(400, "video", "No video file provided");
        (await UploadAsync(person, both)).IsProblem(400, "body");
        Assert.Equal((0, 0, 0, 0), await UsageAsync(person));
    }

    public static TheoryData<string> BadTitles => ["a\u0000b", "a\nb", new string('x', 256), new string('x', 10_000), "\u0085\u009f", "\u200b", "a\u202eb", "\u2800 \u3164", "a\u2028b", "\ufffc"];

    [Theory]
    [MemberData(nameof(BadTitles))]
    public async Task Title_is_one_line_of_255_characters(string title) =>
        (await UploadAsync(await application.SignUpAsync(), VideoFile.Form(VideoFile.Mp4(1_000), title))).IsProblem(400, "title");

    [Theory]
    [InlineData("   ")]
    [InlineData("")]
    public async Task Title_of_spaces_is_none(string title) =>
        (await UploadAsync(await application.SignUpAsync(), VideoFile.Form(VideoFile.Mp4(1_000), title))).IsProblem(400, "title", "Video title is required");

    [Fact]
    public async Task Longest_title_is_taken() =>
        (await UploadAsync(await application.SignUpAsync(), VideoFile.Form(VideoFile.Mp4(1_000), new string('✓', 255)))).IsJson();

    [Fact]
    public async Task Titles_that_are_no_text_or_come_twice_are_refused()
    {
        var person = await application.SignUpAsync();
        using var bytes = new MultipartFormDataContent { { new ByteArrayContent([0xFF, 0xFE, 0x41]), "title" }, { VideoFile.Part(VideoFile.Mp4(1_000)), "video", "a" } };
        using var two = new MultipartFormDataContent { { new StringContent("A"), "title" }, { new StringContent("B"), "title" }, { VideoFile.Part(VideoFile.Mp4(1_000)), "video", "a" } };

        (await UploadAsync(person, bytes)).IsProblem(400, "title");
        (await UploadAsync(person, two)).IsProblem(400, "title");
    }

    [Fact]
    public async Task What_is_not_a_video_is_refused_whatever_it_is_called()
    {
        var person = await application.SignUpAsync();
        byte[][] files = ["<html></html>"u8.ToArray(), [0xFF, 0xD8, 0xFF, 0xE0], "#EXTM3U\nhttp://10.0.0.1/x.ts"u8.ToArray(), new byte[2_000_000]];
        foreach (var file in files)
            (await UploadAsync(person, VideoFile.Form(file))).IsProblem(400, "video");

        Assert.Equal((0, 0, 0, 0), await UsageAsync(person));
        NothingIsLeft();
    }

    [Fact]
    public async Task Two_videos_many_parts_and_much_beside_the_file_are_refused()
    {
        var person = await application.SignUpAsync();
        using var two = new MultipartFormDataContent { { VideoFile.Part(VideoFile.Mp4(1_000)), "video", "a" }, { VideoFile.Part(VideoFile.Mp4(1_000)), "video", "b" } };
        using var many = VideoFile.Form(VideoFile.Mp4(1_000));
        for (var i = 0; i < 30; i++)
            many.Add(new StringContent("x"), "field");

        using var much = VideoFile.Form(VideoFile.Mp4(1_000));
        much.Add(new ByteArrayContent(new byte[100_000]), "poster", "poster.jpg");

        (await UploadAsync(person, two)).IsProblem(400, "video");
        (await UploadAsync(person, many)).IsProblem(400, "body");
        (await UploadAsync(person, much)).IsProblem(400, "body");
        NothingIsLeft();
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

    /// <summary>Uploads a file with these parameters of its part; answers what it is called then.</summary>
    private async Task<string> UploadNamedAsync(string fileName)
    {
        byte[] form =
        [
            .. Encoding.UTF8.GetBytes($"--x\r\nContent-Disposition: form-data; name=\"video\"{fileName}\r\n\r\n"), .. VideoFile.Mp4(5_000),
            .. Encoding.UTF8.GetBytes("\r\n--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n--x--\r\n"),
        ];
        var answer = await api.SendAsync("POST", Path, Api.Bytes(form, "multipart/form-data; boundary=x"), (await application.SignUpAsync()).Token);
        return answer.IsJson().Json.GetProperty("file").GetProperty("original_filename").GetString()!;
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
