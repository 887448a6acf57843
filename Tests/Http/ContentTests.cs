using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ContentTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Fact]
    public async Task Row_has_the_contracts_fields_in_their_order()
    {
        var row = await RowOfTypeAsync("movie");

        Assert.Equal(Shape.Row, Shape.Of(row));
        Assert.Matches(@"^\d{1,2}\.\d$", row.GetProperty("rating").GetString());
        Assert.EndsWith("T00:00:00.000Z", row.GetProperty("release_date").GetString(), StringComparison.Ordinal);
        Assert.All(["release_date", "created_at", "updated_at"], name => Shape.IsMoment(row.GetProperty(name)));
    }

    [Fact]
    public async Task Row_of_a_series_has_a_null_duration() =>
        Assert.Equal(Shape.Row.Replace("duration_minutes:Number", "duration_minutes:Null", StringComparison.Ordinal), Shape.Of(await RowOfTypeAsync("series")));

    [Fact]
    public async Task Row_is_found_by_an_id_in_capitals()
    {
        var id = application.ContentIds[0];

        var answer = (await api.GetAsync($"/api/v1/content/{id.ToString().ToUpperInvariant()}")).IsJson();

        Assert.Equal(id.ToString(), answer.Json.GetProperty("content_id").GetString());
    }

    [Fact]
    public async Task Unknown_title_is_not_found() =>
        (await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}")).IsProblem(404, message: "Content not found");

    [Fact]
    public async Task Details_of_an_unknown_title_are_not_found() =>
        (await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}/details")).IsProblem(404, message: "Content not found");

    [Fact]
    public async Task Bad_id_is_named() => (await api.GetAsync("/api/v1/content/17")).IsProblem(400, "id");

    [Theory]
    [InlineData("/api/v1/content/ids", StreamingApplication.Titles, StreamingApplication.Titles)]
    // Other tests may have made accounts.
    [InlineData("/api/v1/content/users/ids", StreamingApplication.Titles / 10, StreamingApplication.Titles / 5)]
    public async Task Ids_are_a_bare_array_in_ascending_order(string path, int least, int most)
    {
        var answer = (await api.GetAsync(path + "?limit=10000")).IsJson();

        var ids = Strings(answer);
        Assert.InRange(ids.Count, least, most);
        Assert.Equal(ids.Distinct().Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.True(Guid.TryParseExact(id, "D", out _)));
        Assert.Null(answer.Next);
    }

    [Fact]
    public async Task Ids_are_a_thousand_without_a_limit()
    {
        var answer = (await api.GetAsync("/api/v1/content/ids")).IsJson();

        Assert.Equal(1_000, answer.Json.GetArrayLength());
        Assert.NotNull(answer.Next);
    }

    [Theory]
    [InlineData("/api/v1/content/ids", 77)]
    [InlineData("/api/v1/content/ids", 550)]
    [InlineData("/api/v1/content/users/ids", 1)]
    [InlineData("/api/v1/content/users/ids", 16)]
    public async Task Ids_page_by_their_links_to_the_end_without_repeats(string path, int limit)
    {
        var pages = await api.WalkAsync($"{path}?limit={limit}");

        Assert.All(pages[..^1], page => Assert.Equal(limit, page.Json.GetArrayLength()));
        Assert.Equal(Strings((await api.GetAsync(path + "?limit=10000")).Is(200)), pages.SelectMany(Strings));
    }

    [Fact]
    public async Task Ids_after_the_last_are_none()
    {
        var answer = (await api.GetAsync("/api/v1/content/ids?after=ffffffff-ffff-ffff-ffff-ffffffffffff")).IsJson();

        Assert.Equal("[]", answer.Text);
        Assert.Null(answer.Next);
    }

    [Fact]
    public async Task Home_page_keeps_the_old_sentence()
    {
        var answer = (await api.GetAsync("/")).Is(200, "text/html; charset=utf-8");

        Assert.Contains("Streaming Metadata Service API is running! Go to /api-docs for documentation.", answer.Text, StringComparison.Ordinal);
    }

    private static List<string> Strings(Answer answer) => [.. answer.Json.EnumerateArray().Select(id => id.GetString()!)];

    private async Task<JsonElement> RowOfTypeAsync(string type)
    {
        foreach (var id in application.ContentIds.Take(50))
        {
            var row = (await api.GetAsync($"/api/v1/content/{id}")).IsJson().Json;
            Assert.Equal(id.ToString(), row.GetProperty("content_id").GetString());
            if (row.GetProperty("content_type").GetString() == type)
                return row;
        }

        throw new InvalidOperationException($"No {type} among the first titles.");
    }
}
