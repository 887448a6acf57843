using System.Globalization;

namespace Streaming.Tests.Http;

/// <summary>What a client has already is not sent again.</summary>
[Collection(HttpTests.Name)]
public sealed class EntityTagTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    private static (string, string) IfNoneMatch(string tags) => ("If-None-Match", tags);

    private static string[] Paths(Guid title) =>
        [$"/api/v1/content/{title}", $"/api/v1/content/{title}/details", $"/api/v1/content/{title}/reviews?limit=2", "/api/v1/content/trending/weekly?limit=5"];

    [Fact]
    public async Task Tag_that_a_client_knows_is_answered_without_the_content()
    {
        foreach (var path in Paths(application.TakeTitle()))
        {
            // Trends move while other tests record views.
            await Poll.UntilAsync(async () =>
            {
                var first = (await api.GetAsync(path)).IsJson();
                var tag = first.Headers["ETag"];
                var opaque = tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
                Assert.Matches("^(W/)?\"[0-9a-f-]+\"$", tag);
                foreach (var known in (string[])[tag, opaque, "W/" + opaque, $"\"another\", {tag}", $"nonsense, W/\"x\",{tag} ", "*"])
                {
                    var again = await api.GetAsync(path, IfNoneMatch(known), ("If-Modified-Since", "Mon, 01 Jan 1990 00:00:00 GMT"));
                    if (again.Status != 304)
                        return $"{path} {known}: {again.Status} {again.Headers.GetValueOrDefault("ETag")}";

                    Assert.Equal("", again.Text);
                    Assert.Null(again.ContentType);
                    if (known != "*")
                        Assert.Equal(tag, again.Headers["ETag"]);

                    Assert.Contains("Origin", again.Headers["Vary"], StringComparison.Ordinal);
                    Assert.Equal(304, (await api.SendAsync("HEAD", path, null, IfNoneMatch("*"))).Status);
                }

                return null;
            });
        }
    }

    [Fact]
    public async Task Tag_that_is_another_or_none_is_answered_with_the_content()
    {
        foreach (var path in Paths(application.TakeTitle()))
        {
            foreach (var other in (string[])["\"another\"", "W/\"another\"", "another", "", "\"*\"", "\"unfinished"])
                (await api.GetAsync(path, IfNoneMatch(other), ("If-Modified-Since", "Mon, 01 Jan 2050 00:00:00 GMT"))).IsJson();
        }

        (await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}", IfNoneMatch("*"))).IsProblem(404);
    }

    [Fact]
    public async Task Content_has_a_strong_tag_and_what_moves_has_weak_ones()
    {
        var paths = Paths(application.TakeTitle());
        var tags = new List<string>();
        foreach (var path in paths)
            tags.Add((await api.GetAsync(path)).IsJson().Headers["ETag"]);

        Assert.Equal([false, true, true, true], tags.Select(tag => tag.StartsWith("W/", StringComparison.Ordinal)));
        Assert.NotEqual(tags[0], (await api.GetAsync($"/api/v1/content/{application.TakeTitle()}")).IsJson().Headers["ETag"]);
    }

    [Fact]
    public async Task View_and_review_make_other_tags_of_what_shows_them()
    {
        var title = application.TakeTitle();
        var (details, reviews) = ($"/api/v1/content/{title}/details", $"/api/v1/content/{title}/reviews");
        var (before, reviewsBefore) = (await TagAsync(details), await TagAsync(reviews));
        var views = (await api.GetAsync(details)).IsJson().Json.GetProperty("real_time_views").GetInt64();

        (await api.PostAsync($"/api/v1/content/{title}/views", """{"count":3}""")).IsJson();
        var viewed = await TagAsync(details);
        Assert.NotEqual(before, viewed);
        Assert.Equal(views + 3, (await api.GetAsync(details, IfNoneMatch(before))).IsJson().Json.GetProperty("real_time_views").GetInt64());

        (await api.PostAsync(reviews, $$"""{"user_id":"{{application.UserIds[3]}}","rating":9}""")).IsJson(201);
        Assert.NotEqual(viewed, await TagAsync(details));
        Assert.NotEqual(reviewsBefore, await TagAsync(reviews));
        (await api.GetAsync(reviews, IfNoneMatch(reviewsBefore))).IsJson();
    }

    [Fact]
    public async Task Trends_of_before_are_sent_again_when_they_were_computed_since()
    {
        const string Path = "/api/v1/content/trending/daily";
        var computed = DateTimeOffset.Parse((await api.GetAsync(Path)).IsJson().Headers["Last-Modified"], CultureInfo.InvariantCulture);

        (await api.GetAsync(Path, Since(computed.AddSeconds(-1)))).IsJson();
        Assert.Equal(304, (await api.GetAsync(Path, Since(computed.AddHours(1)))).Status);
        (await api.GetAsync(Path, ("If-Modified-Since", "yesterday"))).IsJson();

        static (string, string) Since(DateTimeOffset moment) => ("If-Modified-Since", moment.ToString("R", CultureInfo.InvariantCulture));
    }

    private async Task<string> TagAsync(string path) => (await api.GetAsync(path)).IsJson().Headers["ETag"];
}
