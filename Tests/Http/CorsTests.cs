namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class CorsTests(StreamingApplication application)
{
    private static readonly (string, string) NoOrigin = ("Origin", "null");

    private readonly Api api = application.Api;
    private readonly Guid title = application.ContentIds[0];

    [Fact]
    public async Task Preflight_of_a_page_without_origin_allows_a_review()
    {
        var answer = await api.SendAsync(
            "OPTIONS", $"/api/v1/content/{title}/reviews", null,
            NoOrigin, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));

        Assert.Equal("*", answer.Is(204).Headers["Access-Control-Allow-Origin"]);
        Assert.Contains(answer.Headers["Access-Control-Allow-Methods"].Split(','), method => method is "*" or "POST");
        Assert.Contains(answer.Headers["Access-Control-Allow-Headers"].Split(','), header => header is "*" or "content-type");
        Assert.DoesNotContain("Access-Control-Allow-Credentials", answer.Headers.Keys);
    }

    [Fact]
    public async Task Answers_are_for_every_origin()
    {
        var answer = await api.GetAsync("/api/v1/content/ids?limit=1", ("Origin", "https://example.com"));

        Assert.Equal("*", answer.IsJson().Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("Link", answer.Headers["Access-Control-Expose-Headers"], StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Errors_are_for_every_origin_too()
    {
        var reviews = $"/api/v1/content/{title}/reviews";
        var large = $$"""{"comment":"{{new string('x', 200_000)}}"}""";

        IsOpen((await api.GetAsync("/api/v1/content/x", NoOrigin)).IsProblem(400, "id"));
        IsOpen((await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}", NoOrigin)).IsProblem(404));
        IsOpen((await api.GetAsync("/nowhere", NoOrigin)).IsProblem(404));
        IsOpen((await api.SendAsync("DELETE", reviews, null, NoOrigin)).IsProblem(405));
        IsOpen((await api.PostAsync(reviews, "{", NoOrigin)).IsProblem(400, "body"));
        IsOpen((await api.PostAsync(reviews, large, NoOrigin)).IsProblem(413));
        IsOpen((await UnfinishedRequest.SendAsync(api.Server, reviews, large)).IsProblem(413));
        IsOpen((await api.SendAsync("POST", reviews, Api.Bytes([1], "image/png"), NoOrigin)).IsProblem(415));
    }

    private static void IsOpen(Answer answer) => Assert.Equal("*", answer.Headers["Access-Control-Allow-Origin"]);
}
