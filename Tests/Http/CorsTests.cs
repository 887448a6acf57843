using Microsoft.Extensions.Hosting;
using Streaming.WebFront.Limits;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class CorsTests(StreamingApplication application)
{
    private const string Allowed = "Access-Control-Allow-Origin";
    private const string Listed = "https://player.example.com";
    private const string Stranger = "https://stranger.example.com";
    private static readonly (string, string) NoOrigin = ("Origin", "null");

    private readonly Api api = application.Api;
    private readonly Guid title = application.ContentIds[0];

    [Fact]
    public async Task Preflight_of_a_page_without_origin_allows_a_review()
    {
        var answer = await PreflightAsync(api, $"/api/v1/content/{title}/reviews", "null", "POST", "content-type");

        Assert.Equal("*", answer.Is(204).Headers[Allowed]);
        Assert.Equal(["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"], answer.Headers["Access-Control-Allow-Methods"].Split(',').Order(StringComparer.Ordinal));
        Assert.Superset(
            new HashSet<string> { "Authorization", "Content-Type", "Content-Encoding", "Idempotency-Key", "Range", "If-Range", "If-None-Match", "If-Modified-Since" },
            answer.Headers["Access-Control-Allow-Headers"].Split(',').ToHashSet());
        Assert.DoesNotContain("Access-Control-Allow-Credentials", answer.Headers.Keys);
    }

    [Fact]
    public async Task Answers_of_the_metadata_API_are_for_every_origin()
    {
        var answer = await api.GetAsync("/api/v1/content/ids?limit=1", ("Origin", Stranger));

        Assert.Equal("*", answer.IsJson().Headers[Allowed]);
        Assert.DoesNotContain("Access-Control-Allow-Credentials", answer.Headers.Keys);
        IsExposed(answer);
    }

    [Fact]
    public async Task Player_of_another_origin_reads_ranges_of_media()
    {
        const string Player = "http://localhost:3001";
        var video = await StoredVideo.MakeAsync(application);

        var preflight = await PreflightAsync(api, video.Path, Player, "GET", "range,if-range,if-none-match");
        IsFor(Player, preflight.Is(204));
        Assert.Superset(new HashSet<string> { "Range", "If-Range", "If-None-Match" }, preflight.Headers["Access-Control-Allow-Headers"].Split(',').ToHashSet());
        foreach (var (status, range) in ((int, string)[])[(206, "bytes=0-9"), (416, "bytes=1000000-")])
        {
            var part = (await api.GetAsync(video.Path, ("Origin", Player), ("Range", range))).Is(status);
            IsFor(Player, part);
            IsExposed(part);
        }

        IsFor(Player, (await api.SendAsync("HEAD", video.Path, null, ("Origin", Player))).Is(200));
        IsFor(Player, (await api.GetAsync("/media/x/y", ("Origin", Player))).IsProblem(404));
    }

    /// <summary>What a page has in its cache from a request that named no origin must not be found by one that does.</summary>
    [Fact]
    public async Task Every_answer_varies_with_the_origin_to_who_names_none_and_to_who_is_not_allowed_too()
    {
        var video = await StoredVideo.MakeAsync(application);
        foreach (var path in (string[])[
            "/", "/nowhere", "/health/live", "/openapi/v1.json", "/api-docs/index.html", "/api/logs/nothing", "/api/videos/stream", video.Path, video.ImagePath, "/media/x/y",
            "/api/v1/content/ids?limit=2", $"/api/v1/content/{title}", $"/api/v1/content/{title}/details", $"/api/v1/content/{title}/reviews", "/api/v1/content/trending/daily"])
        {
            foreach (var headers in ((string, string)[][])[[], [("Origin", Stranger)], [("Origin", "http://localhost:3001")], [("Origin", "null"), ("Accept-Encoding", "gzip")]])
            {
                var answer = await api.GetAsync(path, headers);
                var vary = answer.Headers["Vary"].Split(',', StringSplitOptions.TrimEntries);
                Assert.True(vary.Count(name => name == "Origin") == 1, $"{path} varies with {string.Join(", ", vary)}.");
            }
        }
    }

    [Fact]
    public async Task Errors_of_the_metadata_API_are_for_every_origin_too()
    {
        var reviews = $"/api/v1/content/{title}/reviews";
        var large = $$"""{"comment":"{{new string('x', 200_000)}}"}""";

        IsOpen((await api.GetAsync("/api/v1/content/x", NoOrigin)).IsProblem(400, "id"));
        IsOpen((await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}", NoOrigin)).IsProblem(404));
        IsOpen((await api.GetAsync("/api/v1/content/no/where", NoOrigin)).IsProblem(404));
        IsOpen((await api.SendAsync("DELETE", reviews, null, NoOrigin)).IsProblem(405));
        IsOpen((await api.PostAsync(reviews, "{", NoOrigin)).IsProblem(400, "body"));
        IsOpen((await api.PostAsync(reviews, large, NoOrigin)).IsProblem(413));
        IsOpen((await UnfinishedRequest.SendAsync(api.Server, reviews, large)).IsProblem(413));
        IsOpen((await api.SendAsync("POST", reviews, Api.Bytes([1], "image/png"), NoOrigin)).IsProblem(415));
    }

    [Theory]
    [InlineData("http://localhost:3001", true)]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://[::1]:5000", true)]
    [InlineData(Stranger, false)]
    [InlineData("http://localhost.example.com", false)]
    [InlineData("null", false)]
    [InlineData("file://", false)]
    public async Task In_Development_the_rest_is_for_pages_of_this_machine(string origin, bool allowed)
    {
        foreach (var path in (string[])["/api/users/login", "/api/videos/stream", "/api/logs/all", $"/api/v1/users/{title}/progress", "/api/v1/views", "/api/v1/contents", "/nowhere"])
        {
            IsFor(allowed ? origin : null, await PreflightAsync(api, path, origin, "GET", "authorization"));
            IsFor(allowed ? origin : null, await api.GetAsync(path, ("Origin", origin)));
        }
    }

    [Fact]
    public async Task In_Production_the_rest_is_for_the_listed_origins_alone()
    {
        await using var production = new StreamingApplication(Environments.Production, ("Cors:Origins", Listed + ", https://other.example.com:8443"));

        IsFor(Listed, await PreflightAsync(production.Api, "/api/users/login", Listed, "POST", "content-type"));
        IsFor(Listed, await production.Api.GetAsync("/api/logs/all", ("Origin", Listed)));
        IsFor("https://other.example.com:8443", await production.Api.GetAsync("/api/logs/all", ("Origin", "https://other.example.com:8443")));
        foreach (var origin in (string[])[Stranger, "http://player.example.com", Listed + ":444", Listed + ".example.org", "http://localhost:3001", "null"])
        {
            IsFor(null, await PreflightAsync(production.Api, "/api/users/login", origin, "POST", "content-type"));
            IsFor(null, await production.Api.GetAsync("/api/logs/all", ("Origin", origin)));
        }

        IsOpen(await production.Api.GetAsync("/api/v1/content/ids", ("Origin", Stranger)));
    }

    [Fact]
    public async Task Listed_star_is_every_origin_and_reflects_none()
    {
        await using var open = new StreamingApplication(Environments.Production, ("Cors:Origins:0", "*"));

        IsOpen(await open.Api.GetAsync("/api/logs/all", ("Origin", Stranger)));
        IsOpen(await PreflightAsync(open.Api, "/api/logs/all", "null", "GET", "authorization"));
    }

    [Theory]
    [InlineData("player.example.com")]
    [InlineData("https://player.example.com/")]
    [InlineData("https://player.example.com/app")]
    [InlineData("https://*.example.com/")]
    [InlineData("ftp://player.example.com")]
    [InlineData("null")]
    [InlineData("")]
    public void Entry_that_is_no_origin_is_refused_at_the_start(string entry)
    {
        var failure = Assert.Throws<StartupException>(() => CrossOrigin.Read([Listed, entry], isDevelopment: false));

        Assert.Contains($"\"{entry}\"", failure.Message, StringComparison.Ordinal);
    }

    private static Task<Answer> PreflightAsync(Api api, string path, string origin, string method, string headers) => api.SendAsync(
        "OPTIONS", path, null, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));

    private static void IsOpen(Answer answer) => Assert.Equal("*", answer.Headers[Allowed]);

    private static void IsExposed(Answer answer) => Assert.Superset(
        new HashSet<string>
        {
            "Accept-Ranges", "Allow", "Content-Disposition", "Content-Length", "Content-Range", "ETag", "Last-Modified", "Link", "Location",
            "RateLimit", "RateLimit-Limit", "RateLimit-Policy", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
        },
        answer.Headers["Access-Control-Expose-Headers"].Split(',').ToHashSet());

    private static void IsFor(string? origin, Answer answer)
    {
        Assert.Equal(origin, answer.Headers.GetValueOrDefault(Allowed));
        if (origin is not null)
            Assert.Contains("Origin", answer.Headers["Vary"], StringComparison.Ordinal);
    }
}
