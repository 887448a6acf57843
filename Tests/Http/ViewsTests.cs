namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ViewsTests(StreamingApplication application)
{
    private readonly Api api = application.Api;
    private readonly Guid title = application.TakeTitle();

    private string Path => $"/api/v1/content/{title}/views";

    private static (string, string) Key(string key) => ("Idempotency-Key", key);

    private static string NewKey() => Guid.NewGuid().ToString();

    [Theory]
    [InlineData(null)]
    [InlineData("*/*")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8")]
    [InlineData("application/json;q=0")]
    public async Task Increment_answers_the_seeds_text(string? accept)
    {
        var before = await ViewsAsync();

        var answer = await api.PostAsync(Path + "/increment", null, accept is null ? [] : [("Accept", accept)]);

        Assert.Equal("View count incremented", answer.Is(200, "text/html; charset=utf-8").Text);
        Assert.Equal(before + 1, await ViewsAsync());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json, text/plain, */*")]
    public async Task Increment_answers_JSON_to_who_prefers_it(string accept)
    {
        var before = await ViewsAsync();

        var answer = (await api.PostAsync(Path + "/increment", null, ("Accept", accept))).IsJson();

        Assert.Equal("message:String recorded:Number views:Number", Shape.Of(answer.Json));
        Assert.Equal("View count incremented", answer.Json.GetProperty("message").GetString());
        Assert.Equal(before + 1, answer.Json.GetProperty("views").GetInt64());
    }

    [Fact]
    public async Task Increment_of_an_unknown_title_is_not_found() =>
        (await api.PostAsync($"/api/v1/content/{Guid.NewGuid()}/views/increment")).IsProblem(404, message: "Content not found");

    [Fact]
    public async Task Count_is_added_to_the_live_total()
    {
        var before = await ViewsAsync();

        var answer = (await api.PostAsync(Path, """{"count":1000000}""")).IsJson().Json;

        Assert.Equal("message:String recorded:Number views:Number", Shape.Of(answer));
        Assert.Equal(1_000_000, answer.GetProperty("recorded").GetInt32());
        Assert.Equal(before + 1_000_000, answer.GetProperty("views").GetInt64());
        Assert.Equal(before + 1_000_000, await ViewsAsync());
    }

    [Fact]
    public async Task Repeated_key_counts_once_at_once_and_after_it_was_applied()
    {
        var (before, key) = (await ViewsAsync(), NewKey());

        for (var i = 0; i < 3; i++)
            (await api.PostAsync(Path + "/increment", null, Key(key))).Is(200);

        await CountIsAsync(before + 1);
        (await api.PostAsync(Path + "/increment", null, Key(key))).Is(200);
        await CountIsAsync(before + 1);
    }

    [Fact]
    public async Task Key_that_many_send_at_the_same_time_counts_once()
    {
        var (before, key) = (await ViewsAsync(), NewKey());

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => api.PostAsync(Path, """{"count":7}""", Key(key))));

        Assert.All(answers, answer => answer.IsJson());
        await CountIsAsync(before + 7);
    }

    [Fact]
    public async Task Same_key_counts_for_each_title()
    {
        var (other, key) = (application.TakeTitle(), NewKey());
        var (before, otherBefore) = (await ViewsAsync(), await ViewsAsync(other));

        (await api.PostAsync(Path + "/increment", null, Key(key))).Is(200);
        (await api.PostAsync($"/api/v1/content/{other}/views/increment", null, Key(key))).Is(200);

        await CountIsAsync(before + 1);
        Assert.Equal(otherBefore + 1, await ViewsAsync(other));
    }

    [Fact]
    public async Task Key_with_another_count_is_refused()
    {
        var (before, key) = (await ViewsAsync(), NewKey());
        (await api.PostAsync(Path, """{"count":3}""", Key(key))).IsJson();

        (await api.PostAsync(Path, """{"count":4}""", Key(key))).IsProblem(422, "Idempotency-Key");
        (await api.PostAsync(Path + "/increment", null, Key(key))).IsProblem(422, "Idempotency-Key");

        await CountIsAsync(before + 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fifteen-letters")]
    [InlineData("has a space in its middle")]
    [InlineData("has\ta tab in its middle")]
    public async Task Bad_key_is_refused(string key)
    {
        var before = await ViewsAsync();

        (await api.PostAsync(Path + "/increment", null, Key(key))).IsProblem(400, "Idempotency-Key");
        (await api.PostAsync(Path, """{"count":1}""", Key(key))).IsProblem(400, "Idempotency-Key");
        (await api.PostAsync("/api/v1/views", $$"""[{"content_id":"{{title}}","count":1}]""", Key(key))).IsProblem(400, "Idempotency-Key");

        Assert.Equal(before, await ViewsAsync());
    }

    [Fact]
    public async Task Key_has_sixteen_to_a_hundred_and_twenty_eight_characters()
    {
        (await api.PostAsync(Path + "/increment", null, Key(new string('k', 16)))).Is(200);
        (await api.PostAsync(Path + "/increment", null, Key(new string('k', 128)))).Is(200);
        (await api.PostAsync(Path + "/increment", null, Key(new string('k', 129)))).IsProblem(400, "Idempotency-Key");
    }

    [Fact]
    public async Task Two_keys_are_refused() =>
        (await api.PostAsync(Path + "/increment", null, Key(NewKey()), Key(NewKey()))).IsProblem(400, "Idempotency-Key");

    [Fact]
    public async Task Every_one_of_many_parallel_views_counts()
    {
        var before = await ViewsAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => api.PostAsync(Path + "/increment")));

        Assert.All(answers, answer => answer.Is(200));
        await CountIsAsync(before + 200);
    }

    private Task<long> ViewsAsync() => ViewsAsync(title);

    private async Task<long> ViewsAsync(Guid contentId) =>
        (await api.GetAsync($"/api/v1/content/{contentId}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();

    /// <summary>A duplicate may stand in the live total until the apply step has met it.</summary>
    private Task CountIsAsync(long expected) => Poll.UntilAsync(async () =>
        await ViewsAsync() is var views && views == expected ? null : $"{views} views, not {expected}");
}
