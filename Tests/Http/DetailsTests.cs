namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class DetailsTests(StreamingApplication application)
{
    private const string Fields =
        "metadata:Object reviews:Array real_time_views:Number watching_now:Number genres:Array cast:Array rating_summary:Object reviews_total:Number reviews_available:Bool";

    private readonly Api api = application.Api;

    [Fact]
    public async Task Details_have_the_contracts_fields_in_their_order()
    {
        var details = (await api.GetAsync($"/api/v1/content/{application.TakeTitle()}/details")).IsJson().Json;

        Assert.Equal(Fields, Shape.Of(details));
        Assert.NotEmpty(details.GetProperty("reviews").EnumerateArray());
        Assert.All(details.GetProperty("reviews").EnumerateArray(), review =>
        {
            Assert.Equal(Shape.NamedReview, Shape.Of(review));
            Assert.Matches("^[0-9a-f]{24}$", review.GetProperty("_id").GetString());
            Shape.IsMoment(review.GetProperty("created_at"));
        });
        Assert.NotEmpty(details.GetProperty("genres").EnumerateArray());
        Assert.All(details.GetProperty("genres").EnumerateArray(), genre => Assert.Equal("genre_id:Number name:String", Shape.Of(genre)));
        Assert.NotEmpty(details.GetProperty("cast").EnumerateArray());
        Assert.All(
            details.GetProperty("cast").EnumerateArray(),
            person => Assert.Matches("^person_id:String name:String role:String character_name:(String|Null)$", Shape.Of(person)));
        Assert.Equal(
            "count:Number mean:Number weighted:Number prior_weight:Number prior_mean:Number", Shape.Of(details.GetProperty("rating_summary")));
    }

    [Fact]
    public async Task Metadata_is_the_row()
    {
        var id = application.TakeTitle();

        var row = (await api.GetAsync($"/api/v1/content/{id}")).IsJson();
        var details = (await api.GetAsync($"/api/v1/content/{id}/details")).IsJson();

        Assert.Equal(row.Text, details.Json.GetProperty("metadata").GetRawText());
    }

    [Fact]
    public async Task Details_have_the_newest_fifty_reviews_and_their_total()
    {
        var id = application.TakeTitle();
        var users = application.UserIds;
        foreach (var user in users)
            (await api.PostAsync($"/api/v1/content/{id}/reviews", $$"""{"user_id":"{{user}}","rating":4,"comment":"by {{user}}"}""")).IsJson(201);

        var details = (await api.GetAsync($"/api/v1/content/{id}/details")).IsJson().Json;

        var newest = (await api.GetAsync($"/api/v1/content/{id}/reviews?limit=50")).IsJson().Json;
        Assert.Equal(
            newest.EnumerateArray().Select(review => review.GetProperty("_id").GetString()),
            details.GetProperty("reviews").EnumerateArray().Select(review => review.GetProperty("_id").GetString()));
        Assert.Equal(50, details.GetProperty("reviews").GetArrayLength());
        Assert.Equal(users.Count, details.GetProperty("reviews_total").GetInt32());
        Assert.Equal(4, details.GetProperty("rating_summary").GetProperty("mean").GetDouble());
    }

    [Fact]
    public async Task Weighted_rating_follows_its_published_formula()
    {
        var id = application.TakeTitle();
        var ratings = (await api.GetAsync($"/api/v1/content/{id}/reviews")).IsJson().Json.EnumerateArray()
            .Select(review => review.GetProperty("rating").GetDouble()).ToList();

        var summary = (await api.GetAsync($"/api/v1/content/{id}/details")).IsJson().Json.GetProperty("rating_summary");

        var (m, c) = (summary.GetProperty("prior_weight").GetDouble(), summary.GetProperty("prior_mean").GetDouble());
        Assert.Equal(ratings.Count, summary.GetProperty("count").GetInt32());
        Assert.Equal(ratings.Average(), summary.GetProperty("mean").GetDouble(), tolerance: 0.006);
        Assert.Equal((ratings.Sum() + (m * c)) / (ratings.Count + m), summary.GetProperty("weighted").GetDouble(), tolerance: 0.011);
    }
}
