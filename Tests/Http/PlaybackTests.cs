namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class PlaybackTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Url_plays_for_who_asked_and_that_is_logged()
    {
        var video = await StoredVideo.MakeAsync(application);
        var viewer = application.TakeUser();

        var answer = (await api.GetAsync($"/api/videos/stream/{video.Id}", application.Token(viewer))).IsJson();

        Assert.Equal("url:String", Shape.Of(answer.Json));
        var url = answer.Json.GetProperty("url").GetString()!;
        Assert.StartsWith(api.Server.GetLeftPart(UriPartial.Authority) + "/media/", url, StringComparison.Ordinal);
        Assert.EndsWith($"/{video.Id}.mp4", url, StringComparison.Ordinal);
        Assert.Contains($".{viewer:N}.", url, StringComparison.Ordinal);
        Assert.Equal(video.Bytes, (await video.GetAsync(path: new Uri(url).AbsolutePath)).Body);
        await Logged.AsAsync(api, viewer, application.Token(viewer), $"STREAM_VIDEO / VideoStreamService / User streamed video {video.Id}");
    }

    [Fact]
    public async Task Name_may_end_like_its_file()
    {
        var video = await StoredVideo.MakeAsync(application);

        var url = (await api.GetAsync($"/api/videos/stream/{video.Id}.mp4", application.Token(video.Owner))).IsJson().Json.GetProperty("url").GetString()!;

        Assert.Equal(video.Path, new Uri(url).AbsolutePath);
    }

    [Fact]
    public async Task What_does_not_play_is_not_found_and_that_is_logged()
    {
        var deleted = await StoredVideo.MakeAsync(application);
        Assert.True(await deleted.Grain.DeleteAsync(deleted.Owner));

        foreach (var name in (string[])[$"{deleted.Id}", $"{Guid.NewGuid()}", "nothing", "videos%2Fx", $"{deleted.Id:N}"])
            (await api.GetAsync($"/api/videos/stream/{name}", application.Token(deleted.Owner))).IsProblem(404, message: "Video not found");

        await Logged.AsAsync(api, deleted.Owner, application.Token(deleted.Owner), "STREAM_VIDEO / VideoStreamService / Error: Video not found");
    }

    [Fact]
    public async Task Host_that_a_client_claims_is_in_no_url()
    {
        var video = await StoredVideo.MakeAsync(application);

        var answer = await api.GetAsync($"/api/videos/stream/{video.Id}", application.Token(video.Owner), ("Host", "evil.example.com"), ("X-Forwarded-Host", "evil.example.com"));

        Assert.DoesNotContain("evil", answer.IsJson().Text, StringComparison.Ordinal);
    }
}
