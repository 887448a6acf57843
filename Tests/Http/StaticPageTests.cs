namespace Streaming.Tests.Http;

/// <summary>What the first system's page does, from <c>file://</c> and without any token.</summary>
[Collection(HttpTests.Name)]
public sealed class StaticPageTests(StreamingApplication application)
{
    private static readonly (string, string) NoOrigin = ("Origin", "null");

    private readonly Api api = application.Api;

    [Fact]
    public async Task Old_page_lists_ids_shows_details_and_adds_a_review()
    {
        _ = (await GetAsync("content/ids")).Json.EnumerateArray().First().GetGuid();
        var user = (await GetAsync("content/users/ids")).Json.EnumerateArray().Last().GetString();
        var title = application.TakeTitle();
        Assert.Equal(title.ToString(), (await GetAsync($"content/{title}/details")).Json.GetProperty("metadata").GetProperty("content_id").GetString());

        var preflight = await api.SendAsync(
            "OPTIONS", $"/api/v1/content/{title}/reviews", null,
            NoOrigin, ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type"));
        Assert.Equal("*", preflight.Is(204).Headers["Access-Control-Allow-Origin"]);
        var review = await api.PostAsync(
            $"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":"9","comment":"From the old page"}""", NoOrigin, ("Accept", "*/*"));

        Assert.Equal("*", review.IsJson(201).Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("Review added successfully", review.Json.GetProperty("message").GetString());
        var reviews = (await GetAsync($"content/{title}/details")).Json.GetProperty("reviews");
        Assert.Contains(
            reviews.EnumerateArray(),
            shown => shown.GetProperty("user_id").GetString() == user && shown.TryGetProperty("comment", out var comment)
                && comment.GetString() == "From the old page" && shown.GetProperty("username").GetString() is { Length: > 0 });
    }

    private async Task<Answer> GetAsync(string path)
    {
        var answer = (await api.GetAsync("/api/v1/" + path, NoOrigin, ("Accept", "*/*"))).IsJson();
        Assert.Equal("*", answer.Headers["Access-Control-Allow-Origin"]);
        return answer;
    }
}
