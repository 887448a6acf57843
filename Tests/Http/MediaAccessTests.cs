using Microsoft.Extensions.DependencyInjection;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Http;

/// <summary>URLs of media, and what becomes of the account that they were made for.</summary>
[Collection(ClosedTests.Name)]
public sealed class MediaAccessTests(ClosedApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Url_of_a_banned_account_is_refused_at_once_and_good_again_when_it_is_let_in()
    {
        var (video, viewer) = (await MakeVideoAsync(image: [0xFF, 0xD8, 0xFF, 0xE0]), await application.SignUpAsync());
        var path = PathOf(video, viewer);
        (await api.GetAsync(path)).Is(200);

        (await api.PostAsync($"/api/admin/users/{viewer.UserId}/ban", null, application.Administrator())).IsJson();

        foreach (var url in (string[])[path, path.Replace(".mp4", ".jpg", StringComparison.Ordinal)])
            (await api.GetAsync(url)).IsProblem(403);

        (await api.SendAsync("GET", path, null, ("Range", "bytes=0-9"))).IsProblem(403);
        (await api.GetAsync(video.Path)).Is(200);

        (await api.PostAsync($"/api/admin/users/{viewer.UserId}/unban", null, application.Administrator())).IsJson();
        (await api.GetAsync(path)).Is(200);
    }

    [Fact]
    public async Task Url_of_a_deleted_account_is_refused_at_once()
    {
        var (video, viewer) = (await MakeVideoAsync(), await application.SignUpAsync());
        var path = PathOf(video, viewer);
        (await api.GetAsync(path)).Is(200);

        (await api.SendAsync("DELETE", "/api/users/me", Api.Json($$"""{"password":"{{Person.FirstPassword}}"}"""), viewer.Token)).IsJson();

        (await api.GetAsync(path)).IsProblem(403);
    }

    [Fact]
    public async Task Video_that_is_being_sent_stops_with_the_ban()
    {
        // More than the connection holds.
        var (video, viewer) = (await MakeVideoAsync(40 << 20), await application.SignUpAsync());
        using var http = application.CreateClient();
        using var response = await http.GetAsync(new Uri(PathOf(video, viewer), UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(40 << 20, response.Content.Headers.ContentLength);

        (await api.PostAsync($"/api/admin/users/{viewer.UserId}/ban", null, application.Administrator())).IsJson();

        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
    }

    // Of a person of its own: other tests ban those whom they sign up.
    private async Task<StoredVideo> MakeVideoAsync(int length = 1_000, byte[]? image = null) =>
        await StoredVideo.MakeAsync(application, length, image: image, owner: (await application.SignUpAsync()).UserId);

    private string PathOf(StoredVideo video, Person viewer) =>
        new Uri(application.Services.GetRequiredService<MediaUrls>().Of(video.Id, viewer.UserId)).AbsolutePath;
}
