using System.Text;

namespace Streaming.Tests.Http;

/// <summary>What is in the form, and what is missing in it.</summary>
public sealed partial class UploadTests
{
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
}
