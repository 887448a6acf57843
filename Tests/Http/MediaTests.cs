using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Streaming.Videos;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class MediaTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Video_plays_without_a_token_as_what_it_is()
    {
        var video = await StoredVideo.MakeAsync(application, format: VideoFormat.WebM);

        var (response, body) = await video.GetAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(video.Bytes, body);
        Assert.Equal("video/webm", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(1_000, response.Content.Headers.ContentLength);
        Assert.Equal($"inline; filename=\"{video.Id}.webm\"", Header(response, "Content-Disposition"));
        Assert.Equal("bytes", Header(response, "Accept-Ranges"));
        Assert.Equal("cross-origin", Header(response, "Cross-Origin-Resource-Policy"));
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.EndsWith("; sandbox allow-same-origin", Header(response, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.NotNull(response.Content.Headers.LastModified);
        Assert.True(response.Headers.CacheControl is { Private: true, MaxAge: { } age } && age > TimeSpan.FromMinutes(239) && age <= TimeSpan.FromMinutes(245));
    }

    [Fact]
    public async Task Video_is_asked_for_without_its_bytes()
    {
        var video = await StoredVideo.MakeAsync(application);

        var (response, body) = await video.SendAsync(HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(body);
        Assert.Equal(1_000, response.Content.Headers.ContentLength);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Deleted_video_stops_at_once_and_a_restored_one_goes_on()
    {
        var video = await StoredVideo.MakeAsync(application);
        var path = video.Path;

        Assert.True(await video.Grain.DeleteAsync(video.Owner));
        foreach (var gone in (string[])[path, video.ImagePath])
            (await api.GetAsync(gone)).IsProblem(404, message: "Video not found");

        Assert.Equal(RestoreStatus.Restored, await video.Grain.RestoreAsync(video.Owner));
        (await api.GetAsync(path)).Is(200);
    }

    [Fact]
    public async Task Signature_that_is_not_good_is_refused_and_nobody_learns_why()
    {
        var video = await StoredVideo.MakeAsync(application);
        var other = await StoredVideo.MakeAsync(application);
        string[] parts = video.Path.Split('/')[2].Split('.');
        string[] signatures =
        [
            other.Path.Split('/')[2],
            $"00000000.{parts[1]}.{parts[2]}.{parts[3]}",
            $"{parts[0]}.{long.Parse(parts[1], null) + 300}.{parts[2]}.{parts[3]}",
            $"{parts[0]}.1700000000.{parts[2]}.{parts[3]}",
            $"{parts[0]}.{parts[1]}.{other.Owner:N}.{parts[3]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}.{new string('0', 32)}",
            $"{parts[0]}.{parts[1]}.{parts[2]}",
            "-",
        ];

        var answers = new List<string>();
        foreach (var signature in signatures)
        {
            foreach (var extension in (string[])["mp4", "jpg"])
                answers.Add((await api.GetAsync($"/media/{signature}/{video.Id}.{extension}")).IsProblem(403).Json.GetProperty("message").GetString()!);
        }

        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task No_name_leads_out_of_the_folder()
    {
        var video = await StoredVideo.MakeAsync(application);
        var signed = video.Path[..video.Path.LastIndexOf('/')];

        foreach (var name in (string[])["..%2f..%2fanalytics.db", "%2e%2e%2fanalytics.db", $"..%2f{video.Id}.mp4", $"{video.Id}.mp4%2f..%2fx", $"{video.Id}.video", "analytics.db", "%5c..%5canalytics.db"])
            (await api.GetAsync($"{signed}/{name}")).IsProblem(404);
    }

    [Fact]
    public async Task Video_that_never_was_is_not_found()
    {
        var video = await StoredVideo.MakeAsync(application);
        var nobody = new StoredVideo(application, Guid.NewGuid(), video.Owner, []);

        (await api.GetAsync(nobody.Path)).IsProblem(404, message: "Video not found");
    }

    [Fact]
    public async Task Video_without_an_image_has_a_drawing_that_nobody_keeps_until_it_was_looked_at_and_then_for_a_minute()
    {
        var video = await StoredVideo.MakeAsync(application);

        var (response, body) = await video.GetAsync(path: video.ImagePath);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/svg+xml", response.Content.Headers.ContentType?.ToString());
        Assert.StartsWith("<svg ", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        // The program looks at videos on its own.
        if ((await video.Grain.GetAsync(TestContext.Current.CancellationToken))!.InspectedAt is null)
            Assert.True(response.Headers.CacheControl?.NoStore);

        await video.Grain.DescribeAsync(new VideoInspection(false, "It is cut off."));
        Assert.Equal(TimeSpan.FromMinutes(1), (await video.GetAsync(path: video.ImagePath)).Response.Headers.CacheControl?.MaxAge);
    }

    [Fact]
    public async Task Image_has_the_same_signature_as_its_video()
    {
        byte[] image = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3, 4];
        var video = await StoredVideo.MakeAsync(application, image: image);

        var (response, body) = await video.GetAsync(path: video.ImagePath);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/jpeg", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(image, body);
        Assert.NotEqual((await video.GetAsync()).Response.Headers.ETag, response.Headers.ETag);
    }

    [Fact]
    public async Task Signature_is_in_no_trace()
    {
        var video = await StoredVideo.MakeAsync(application);
        var path = video.Path;
        var traces = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity => traces.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);

        (await api.GetAsync(path)).Is(200);
        (await api.GetAsync(path.Replace(".mp4", ".txt", StringComparison.Ordinal))).Is(404);

        await Poll.UntilAsync(() => Task.FromResult(traces.Count(trace => trace.Contains("/media", StringComparison.Ordinal)) >= 2 ? null : string.Join('\n', traces)));
        Assert.DoesNotContain(traces, trace => trace.Contains(path.Split('/')[2], StringComparison.Ordinal));
    }

    private static string Header(HttpResponseMessage response, string name) =>
        string.Join(", ", response.Headers.TryGetValues(name, out var values) ? values : response.Content.Headers.GetValues(name));
}
