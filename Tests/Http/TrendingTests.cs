using System.Globalization;
using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class TrendingTests(StreamingApplication application)
{
    private const string Fields = "content_id:String views:Number title:String content_type:String thumbnail_url:String";

    private readonly Api api = application.Api;

    [Theory]
    [InlineData("daily")]
    [InlineData("weekly")]
    public async Task Trends_are_ten_with_the_contracts_fields_most_views_first(string window)
    {
        var answer = (await api.GetAsync($"/api/v1/content/trending/{window}")).IsJson();

        var titles = answer.Json.EnumerateArray().ToList();
        Assert.Equal(10, titles.Count);
        Assert.All(titles, title => Assert.Equal(Fields, Shape.Of(title)));
        Assert.Equal(titles.OrderByDescending(Views).ThenBy(Id, StringComparer.Ordinal).Select(Id), titles.Select(Id));
        Assert.True(DateTimeOffset.TryParseExact(answer.Headers["Last-Modified"], "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
    }

    [Fact]
    public async Task Trends_are_a_hundred_at_most()
    {
        Assert.Equal(100, (await api.GetAsync("/api/v1/content/trending/weekly?limit=100")).IsJson().Json.GetArrayLength());
        Assert.Equal(1, (await api.GetAsync("/api/v1/content/trending/weekly?limit=1")).IsJson().Json.GetArrayLength());
        (await api.GetAsync("/api/v1/content/trending/weekly?limit=101")).IsProblem(400, "limit");
    }

    [Theory]
    [InlineData("hourly")]
    [InlineData("daily")]
    [InlineData("weekly")]
    public async Task Views_that_were_recorded_make_a_title_trend(string window)
    {
        var title = application.TakeTitle();
        var hour = -1;

        await Poll.UntilAsync(async () =>
        {
            // Once, and again when the hour has turned, which ends every window's list or may.
            if (hour != DateTimeOffset.UtcNow.Hour)
            {
                hour = DateTimeOffset.UtcNow.Hour;
                (await api.PostAsync($"/api/v1/content/{title}/views", """{"count":500000}""")).IsJson();
            }

            var trends = (await api.GetAsync($"/api/v1/content/trending/{window}?limit=100")).IsJson().Json;
            var entry = trends.EnumerateArray().FirstOrDefault(trend => trend.GetProperty("content_id").GetGuid() == title);
            return entry.ValueKind == JsonValueKind.Object && Views(entry) >= 500_000 && Shape.Of(entry) == Fields ? null : $"{window} trends lack {title}";
        });
    }

    private static long Views(JsonElement title) => title.GetProperty("views").GetInt64();

    private static string Id(JsonElement title) => title.GetProperty("content_id").GetString()!;
}
