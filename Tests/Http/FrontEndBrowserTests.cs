using System.Text.Json;
using Microsoft.Playwright;
using Streaming.Tests.Media;
using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Http;

/// <summary>What the second system's front end does, in a real browser and from another origin.</summary>
[Collection(ClosedTests.Name)]
public sealed class FrontEndBrowserTests(ClosedApplication application) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(VideoFormat.Mp4)]
    [InlineData(VideoFormat.WebM)]
    public async Task Uploaded_video_shows_its_picture_and_plays_from_any_point(VideoFormat format)
    {
        Browser.Require();
        var path = Path.Combine(folder.Path, "sample");
        await SampleVideos.DrawAsync(format, path, TestContext.Current.CancellationToken);
        await using var site = await FrontEndPage.StartAsync(application.Api.Server);
        await using var browser = await Browser.StartAsync();
        var page = await OpenAsync(browser, site);
        var title = $"A {format} of {Guid.NewGuid():N}";

        await page.GetByLabel("File").SetInputFilesAsync(path);
        await page.GetByLabel("Title").FillAsync(title);
        Assert.Equal("File uploaded successfully", await page.EvaluateAsync<string>("uploadChosen()"));

        var shown = (await page.EvaluateAsync<JsonElement>("dashboard()")).EnumerateArray().Single(video => video.GetProperty("title").GetString() == title);
        Assert.True(shown.GetProperty("width").GetInt32() > 0, "The picture did not load.");
        var filename = shown.GetProperty("filename").GetString()!;
        var played = await page.EvaluateAsync<JsonElement>("filename => play(filename)", filename);
        await PictureAsync(page, $"played-{format}");
        Assert.Equal(1280, played.GetProperty("width").GetInt32());
        Assert.InRange(played.GetProperty("duration").GetDouble(), SampleVideos.Seconds - 0.2, SampleVideos.Seconds + 0.2);
        Assert.InRange(played.GetProperty("at").GetDouble(), 0.9, SampleVideos.Seconds + 0.2);

        Assert.Equal(
            "Video deleted successfully (soft delete)",
            await page.EvaluateAsync<string>("async filename => (await call('DELETE', `/api/videos/delete/${filename}`)).message", filename));
        Assert.Equal("Video not found", await page.EvaluateAsync<string>("filename => refusal(play(filename))", filename));
    }

    [Fact]
    public async Task Refused_upload_tells_why_although_the_browser_was_still_sending()
    {
        Browser.Require();
        await using var site = await FrontEndPage.StartAsync(application.Api.Server);
        await using var browser = await Browser.StartAsync();
        var page = await OpenAsync(browser, site);
        await page.GetByLabel("Title").FillAsync("Refused");

        Assert.Contains(
            "Exceeding total storage limit",
            await page.EvaluateAsync<string>("refusal(upload(new File([new Uint8Array(51 * 1024 * 1024)], 'large.mp4', { type: 'video/mp4' })))"),
            StringComparison.Ordinal);
        var noVideo = await page.EvaluateAsync<string>("refusal(upload(new File(['no video at all '.repeat(1024 * 1024)], 'text.mp4', { type: 'video/mp4' })))");
        Assert.DoesNotContain("Failed to fetch", noVideo, StringComparison.Ordinal);
        Assert.NotEmpty(noVideo);
    }

    private static async Task<IPage> OpenAsync(Browser browser, FrontEndPage site)
    {
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 800, Height = 700 } });
        await page.GotoAsync(site.Url);
        var id = await page.EvaluateAsync<string>("email => signIn(email, 'correct horse')", $"browser.{Guid.NewGuid():N}@example.com");
        Assert.True(Guid.TryParse(id, out _));
        return page;
    }

    private static async Task PictureAsync(IPage page, string name) =>
        TestContext.Current.AddAttachment($"{name}.png", await page.ScreenshotAsync(), "image/png");
}
