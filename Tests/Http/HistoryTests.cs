using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class HistoryTests(StreamingApplication application)
{
    private const string Fields =
        "username:String title:String watched_at:String duration_watched_seconds:Number content_id:String last_position_seconds:Number watched:Bool";

    private readonly Api api = application.Api;

    // Nobody takes the last person, whose history therefore stands still.
    private readonly string path = $"/api/v1/content/users/{application.UserIds[^1]}/watch-history";

    [Fact]
    public async Task History_is_the_newest_ten_with_the_contracts_fields()
    {
        var rows = (await api.GetAsync(path)).IsJson().Json.EnumerateArray().ToList();

        Assert.Equal(10, rows.Count);
        Assert.All(rows, row => Assert.Equal(Fields, Shape.Of(row)));
        Assert.All(rows, row => Shape.IsMoment(row.GetProperty("watched_at")));
        Assert.Equal(rows.Select(WatchedAt).OrderDescending(StringComparer.Ordinal), rows.Select(WatchedAt));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10)]
    public async Task History_pages_by_its_links_to_the_end_without_repeats(int limit)
    {
        var pages = await api.WalkAsync($"{path}?limit={limit}");

        var all = (await api.GetAsync(path + "?limit=200")).IsJson();
        Assert.Null(all.Next);
        Assert.True(all.Json.GetArrayLength() > 10);
        Assert.Equal(
            all.Json.EnumerateArray().Select(row => row.GetRawText()),
            pages.SelectMany(page => page.Json.EnumerateArray()).Select(row => row.GetRawText()));
    }

    [Fact]
    public async Task Unknown_person_has_no_history() =>
        Assert.Equal("[]", (await api.GetAsync($"/api/v1/content/users/{Guid.NewGuid()}/watch-history")).IsJson().Text);

    private static string WatchedAt(JsonElement row) => row.GetProperty("watched_at").GetString()!;
}
