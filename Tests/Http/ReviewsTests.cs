using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ReviewsTests(StreamingApplication application)
{
    private readonly Api api = application.Api;
    private readonly Guid title = application.TakeTitle();
    private readonly Guid user = application.UserIds[0];

    private string Path => $"/api/v1/content/{title}/reviews";

    [Fact]
    public async Task Review_is_added_and_shown_with_the_contracts_fields()
    {
        var answer = (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":9,"comment":"Schön — 日本語 😀","is_spoiler":true}""")).IsJson(201);

        Assert.Equal("message:String review:Object", Shape.Of(answer.Json));
        Assert.Equal("Review added successfully", answer.Json.GetProperty("message").GetString());
        var review = answer.Json.GetProperty("review");
        Assert.Equal(Shape.Review, Shape.Of(review));
        Assert.Matches("^[0-9a-f]{24}$", review.GetProperty("_id").GetString());
        Assert.Equal(title, review.GetProperty("content_id").GetGuid());
        Assert.Equal(user, review.GetProperty("user_id").GetGuid());
        Assert.Equal("9", review.GetProperty("rating").GetRawText());
        Assert.Equal("Schön — 日本語 😀", review.GetProperty("comment").GetString());
        Assert.True(review.GetProperty("is_spoiler").GetBoolean());
        Assert.Equal("[]", review.GetProperty("replies").GetRawText());
        Shape.IsMoment(review.GetProperty("created_at"));
        var listed = (await api.GetAsync(Path)).IsJson().Json[0];
        Assert.Equal(review.GetRawText(), listed.GetRawText());
    }

    [Fact]
    public async Task Comment_that_was_not_sent_is_absent()
    {
        (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":5}""")).IsJson(201);

        Assert.Equal(Shape.ReviewWithoutComment, Shape.Of((await api.GetAsync(Path)).IsJson().Json[0]));
        var shown = (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("reviews")[0];
        Assert.Equal(Shape.NamedReview.Replace("comment:String ", "", StringComparison.Ordinal), Shape.Of(shown));
    }

    [Fact]
    public async Task Review_may_come_as_a_form()
    {
        using var form = new FormUrlEncodedContent(
        [
            new("user_id", user.ToString()), new("rating", "7.5"), new("comment", "a & b = c + ü"), new("is_spoiler", "true"),
        ]);

        var review = (await api.SendAsync("POST", Path, form)).IsJson(201).Json.GetProperty("review");

        Assert.Equal("7.5", review.GetProperty("rating").GetRawText());
        Assert.Equal("a & b = c + ü", review.GetProperty("comment").GetString());
        Assert.True(review.GetProperty("is_spoiler").GetBoolean());
    }

    [Fact]
    public async Task Rating_as_a_text_is_taken_as_the_old_page_sends_it() =>
        Assert.Equal("8", (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":"8","comment":""}"""))
            .IsJson(201).Json.GetProperty("review").GetProperty("rating").GetRawText());

    [Fact]
    public async Task Second_review_by_the_same_person_takes_the_place_of_the_first()
    {
        var first = (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":2,"comment":"no"}""")).IsJson(201).Json.GetProperty("review");
        var total = await TotalAsync();

        var second = (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":10}""")).IsJson(201).Json.GetProperty("review");

        Assert.Equal(first.GetProperty("_id").GetString(), second.GetProperty("_id").GetString());
        Assert.Equal(Shape.ReviewWithoutComment, Shape.Of(second));
        Assert.Equal(total, await TotalAsync());
        var mine = Assert.Single(await AllAsync(), review => review.GetProperty("user_id").GetGuid() == user);
        Assert.Equal("10", mine.GetProperty("rating").GetRawText());
    }

    [Theory]
    [InlineData("{}", "user_id")]
    [InlineData("""{"rating":5}""", "user_id")]
    [InlineData("""{"user_id":"","rating":5}""", "user_id")]
    [InlineData("""{"user_id":"7d13bded-8b2c-13b5-cb14-640d3a4252f4"}""", "rating")]
    [InlineData("""{"user_id":"7d13bded-8b2c-13b5-cb14-640d3a4252f4","rating":null}""", "rating")]
    public async Task Person_and_rating_are_required_in_the_seeds_words(string body, string field) =>
        (await api.PostAsync(Path, body)).IsProblem(400, field, "User ID and rating are required.");

    [Fact]
    public async Task Review_of_an_unknown_title_is_not_found() =>
        (await api.PostAsync($"/api/v1/content/{Guid.NewGuid()}/reviews", $$"""{"user_id":"{{user}}","rating":5}"""))
            .IsProblem(404, message: "Content not found");

    [Fact]
    public async Task Review_by_an_unknown_person_is_not_found() =>
        (await api.PostAsync(Path, $$"""{"user_id":"{{Guid.NewGuid()}}","rating":5}""")).IsProblem(404, message: "User not found");

    [Fact]
    public async Task Unknown_title_has_no_reviews() =>
        Assert.Equal("[]", (await api.GetAsync($"/api/v1/content/{Guid.NewGuid()}/reviews")).IsJson().Text);

    [Fact]
    public async Task Comment_may_have_five_thousand_characters()
    {
        (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":5,"comment":"{{new string('x', 5_000)}}"}""")).IsJson(201);
        (await api.PostAsync(Path, $$"""{"user_id":"{{user}}","rating":5,"comment":"{{new string('x', 5_001)}}"}""")).IsProblem(400, "comment");
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("top")]
    [InlineData("rating")]
    public async Task Reviews_page_in_their_order_without_repeats(string sort)
    {
        foreach (var reviewer in application.UserIds.Take(40))
        {
            var rating = 1 + (reviewer.GetHashCode() & 7);
            (await api.PostAsync(Path, $$"""{"user_id":"{{reviewer}}","rating":{{rating}}}""")).IsJson(201);
        }

        var pages = await api.WalkAsync($"{Path}?sort={sort}&limit=7");

        var walked = pages.SelectMany(page => page.Json.EnumerateArray()).ToList();
        var total = await TotalAsync();
        Assert.Equal(total, walked.Count);
        Assert.Equal(total, walked.Select(Id).Distinct().Count());
        Assert.Equal((total + 6) / 7, pages.Count);
        Assert.Equal(walked.OrderByDescending(review => Key(review, sort)).ThenByDescending(Id, StringComparer.Ordinal).Select(Id), walked.Select(Id));
    }

    [Fact]
    public async Task Reviews_written_while_paging_do_not_shift_the_pages()
    {
        foreach (var reviewer in application.UserIds.Take(20))
            (await api.PostAsync(Path, $$"""{"user_id":"{{reviewer}}","rating":3}""")).IsJson(201);

        var before = (await AllAsync()).Select(Id).ToList();
        var first = (await api.GetAsync(Path + "?limit=10")).IsJson();
        (await api.PostAsync(Path, $$"""{"user_id":"{{application.UserIds[^1]}}","rating":3}""")).IsJson(201);

        var rest = await api.WalkAsync(first.Next!);

        Assert.Equal(before.Skip(10), rest.SelectMany(page => page.Json.EnumerateArray()).Select(Id));
    }

    private static string Id(JsonElement review) => review.GetProperty("_id").GetString()!;

    private static string Key(JsonElement review, string sort) => sort switch
    {
        "top" => review.GetProperty("likes_count").GetInt32().ToString("D4", System.Globalization.CultureInfo.InvariantCulture),
        "rating" => review.GetProperty("rating").GetInt32().ToString("D4", System.Globalization.CultureInfo.InvariantCulture),
        _ => review.GetProperty("created_at").GetString()!,
    };

    private async Task<List<JsonElement>> AllAsync() => [.. (await api.GetAsync(Path + "?limit=200")).IsJson().Json.EnumerateArray()];

    private async Task<int> TotalAsync() =>
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("reviews_total").GetInt32();
}
