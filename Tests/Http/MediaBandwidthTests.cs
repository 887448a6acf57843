using System.Globalization;
using System.Net;
using Streaming.Videos;

namespace Streaming.Tests.Http;

/// <summary>What is sent is counted, once, to whom the URL was made for.</summary>
[Collection(HttpTests.Name)]
public sealed class MediaBandwidthTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Bytes_sent_are_counted_and_nothing_else()
    {
        var video = await StoredVideo.MakeAsync(application, 300_000);
        var (first, body) = await video.GetAsync();
        var sent = (long)body.Length;
        foreach (var range in (string[])["bytes=0-0", "bytes=100000-200000", "bytes=-5", "bytes=300000-"])
            sent += (await video.GetAsync(range)).Body.Length;

        await video.SendAsync(HttpMethod.Head);
        await video.SendAsync(HttpMethod.Get, null, request => request.Headers.IfNoneMatch.Add(first.Headers.ETag!));
        sent += (await video.GetAsync(path: video.ImagePath)).Body.Length;

        await video.UntilDownloadedAsync(sent);
        Assert.True(sent > 300_000 + 1 + 100_001 + 5);
    }

    [Fact]
    public async Task Who_asked_for_the_URL_is_charged_not_whose_the_video_is()
    {
        var video = await StoredVideo.MakeAsync(application);
        var viewer = application.TakeUser();
        var url = (await api.GetAsync($"/api/videos/stream/{video.Id}", application.Token(viewer))).IsJson().Json.GetProperty("url").GetString()!;

        await video.GetAsync(path: new Uri(url).AbsolutePath);

        await new StoredVideo(application, video.Id, viewer, []).UntilDownloadedAsync(1_000);
        Assert.Equal(0, await video.DownloadedAsync());
    }

    [Fact]
    public async Task Client_that_leaves_is_charged_for_what_was_sent_to_it()
    {
        const int Length = 40_000_000;
        var video = await StoredVideo.MakeAsync(application, Length);
        using (var http = application.CreateClient())
        {
            using var response = await http.GetAsync(new Uri(video.Path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        await Poll.UntilAsync(async () => await video.DownloadedAsync() > 0 ? null : "nothing is counted");
        Assert.InRange(await video.DownloadedAsync(), 1, Length - 1);
    }

    [Fact]
    public async Task Beyond_the_limit_of_the_day_nothing_plays_until_it_is_over()
    {
        var video = await StoredVideo.MakeAsync(application, 2_000_000);
        Assert.True(await video.Quota.SetOverridesAsync(new QuotaOverrides(DailyDownloadBytes: QuotaLimits.BytesPerMegabyte)));
        Assert.Equal(HttpStatusCode.OK, (await video.GetAsync()).Response.StatusCode);
        await video.UntilDownloadedAsync(2_000_000);

        foreach (var path in (string[])[video.Path, video.ImagePath])
        {
            var refused = (await api.GetAsync(path)).Is(429, "application/problem+json");
            Assert.Equal("daily_download", refused.Json.GetProperty("limit").GetString());
            Assert.Contains(" 1 MB", refused.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
            Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 86_400);
        }

        Assert.True(await video.Quota.SetOverridesAsync(new QuotaOverrides()));
        Assert.Equal(HttpStatusCode.PartialContent, (await video.GetAsync("bytes=0-0")).Response.StatusCode);
    }
}
