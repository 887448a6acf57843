using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Audit;
using Streaming.Tests.Auth;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class LogsTests(StreamingApplication application)
{
    private const string Fields =
        "id:String user_id:String action_type:String description:String service_name:String created_at:String client_reported:False";

    private readonly Api api = application.Api;
    private readonly Guid user = Guid.NewGuid();

    private (string, string) Owner => Token(user, AccountRole.User);

    private (string, string) Admin => Token(Guid.NewGuid(), AccountRole.Admin);

    private string OfUser => $"/api/logs/user/{user}";

    [Fact]
    public async Task Added_entry_is_the_callers_and_marked_and_at_once_there()
    {
        var added = await api.PostAsync(
            "/api/logs/add", $$"""{"user_id":"{{Guid.NewGuid()}}","action":"SHARE","description":"a\nb for x@y.example","service":"Player"}""", Owner);
        Assert.Equal("""{"message":"Log added successfully"}""", added.IsJson(201).Text);

        var row = Assert.Single((await api.GetAsync(OfUser, Owner)).IsJson().Json.GetProperty("logs").EnumerateArray());

        Assert.Equal(Fields.Replace("False", "True", StringComparison.Ordinal), Names(row));
        Assert.Equal(user, row.GetProperty("user_id").GetGuid());
        Assert.Equal("SHARE", row.GetProperty("action_type").GetString());
        Assert.Equal("a b for [removed]", row.GetProperty("description").GetString());
        Assert.Equal("Player", row.GetProperty("service_name").GetString());
        Shape.IsMoment(row.GetProperty("created_at"));
    }

    [Fact]
    public async Task Administrator_may_add_for_another_person()
    {
        (await api.PostAsync("/api/logs/add", $$"""{"user_id":"{{user}}","action":"A","description":"d","service":"S"}""", Admin)).Is(201);
        (await api.PostAsync("/api/logs/add", """{"user_id":"nobody","action":"A","description":"d","service":"S"}""", Admin)).IsProblem(400, "user_id");

        Assert.Equal(1, (await api.GetAsync(OfUser, Admin)).Json.GetProperty("total").GetInt64());
    }

    [Theory]
    [InlineData("{}", "action")]
    [InlineData("""{"action":" ","description":"d","service":"S"}""", "action")]
    [InlineData("""{"action":"\u200b","description":"d","service":"S"}""", "action")]
    [InlineData("""{"action":"A","description":"\u00a0\u2800","service":"S"}""", "description")]
    [InlineData("""{"action":"A","description":"d","service":"\t"}""", "service")]
    [InlineData("""{"action":"A","service":"S"}""", "description")]
    [InlineData("""{"action":"A","description":"","service":"S"}""", "description")]
    [InlineData("""{"action":"A","description":"d","service":null}""", "service")]
    public async Task Entry_that_lacks_something_is_refused_in_the_old_words(string body, string field) =>
        (await api.PostAsync("/api/logs/add", body, Owner)).IsProblem(400, field, "Invalid input: action, description, and service are required.");

    [Fact]
    public async Task What_turns_a_text_or_breaks_its_line_is_taken_out_of_an_entry()
    {
        (await api.PostAsync("/api/logs/add", """{"action":"A\u202eB","description":"a\u2028b \ud83d\udc68\u200d\ud83d\udc69","service":"S\u2066"}""", Owner)).Is(201);

        var row = Assert.Single((await api.GetAsync(OfUser, Owner)).IsJson().Json.GetProperty("logs").EnumerateArray());
        Assert.Equal(
            ("A B", "a b \ud83d\udc68\u200d\ud83d\udc69", "S "),
            (row.GetProperty("action_type").GetString(), row.GetProperty("description").GetString(), row.GetProperty("service_name").GetString()));
    }

    [Fact]
    public async Task Entry_that_is_too_long_is_refused()
    {
        (await api.PostAsync("/api/logs/add", $$"""{"action":"{{new string('A', 101)}}","description":"d","service":"S"}""", Owner)).IsProblem(400, "action");
        (await api.PostAsync("/api/logs/add", $$"""{"action":"A","description":"{{new string('d', 1_001)}}","service":"S"}""", Owner)).IsProblem(400, "description");
        (await api.PostAsync("/api/logs/add", """{"action":"A","description":7,"service":"S"}""", Owner)).IsProblem(400, "description");
        (await api.PostAsync("/api/logs/add", "[", Owner)).IsProblem(400, "body");
    }

    [Fact]
    public async Task Pages_by_number_have_a_hundred_entries_and_the_total()
    {
        await WriteAsync(230);

        var pages = new List<JsonElement>();
        foreach (var start in (int[])[0, 100, 200, 300, int.MaxValue])
            pages.Add((await api.GetAsync($"{OfUser}?start={start}", Owner)).IsJson().Json);

        Assert.All(pages, page => Assert.Equal(230, page.GetProperty("total").GetInt64()));
        Assert.Equal([100, 100, 30, 0, 0], pages.Select(page => page.GetProperty("logs").GetArrayLength()));
        var rows = pages.SelectMany(page => page.GetProperty("logs").EnumerateArray()).ToList();
        Assert.All(rows, row => Assert.Equal(Fields, Names(row)));
        Assert.Equal(Enumerable.Range(0, 230).Select(i => $"entry {i}"), rows.Select(row => row.GetProperty("description").GetString()));
        Assert.Equal(pages[0].GetRawText(), (await api.GetAsync(OfUser, Owner)).Text);
    }

    [Fact]
    public async Task Pages_by_cursor_lead_to_the_end_by_their_links()
    {
        await WriteAsync(95);

        var rows = new List<string?>();
        var pages = 0;
        for (string? next = $"{OfUser}?limit=20&action=LOGIN"; next is not null; pages++)
        {
            var page = (await api.GetAsync(next, Owner)).IsJson();
            Assert.False(page.Json.TryGetProperty("total", out _));
            rows.AddRange(page.Json.GetProperty("logs").EnumerateArray().Select(row => row.GetProperty("description").GetString()));
            next = page.Next;
        }

        Assert.Equal(5, pages);
        Assert.Equal(Enumerable.Range(0, 95).Select(i => $"entry {i}"), rows);
    }

    [Fact]
    public async Task Filters_are_by_time_action_and_service()
    {
        var newest = await WriteAsync(10);
        var (from, to) = (newest.AddSeconds(-7), newest.AddSeconds(-3));

        Assert.Equal(4, await CountAsync($"from={from:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}&to={to:O}".Replace("+", "%2B", StringComparison.Ordinal)));
        Assert.Equal(10, await CountAsync("from=2020-01-01&action=LOGIN&service=UserAccountService"));
        Assert.Equal(0, await CountAsync("to=2020-01-01"));
        Assert.Equal(0, await CountAsync("action=REGISTER"));
        Assert.Equal(0, await CountAsync("service=Player"));
    }

    [Theory]
    [InlineData("start=-1", "start")]
    [InlineData("start=x", "start")]
    [InlineData("start=0&limit=5", "start")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("from=yesterday", "from")]
    [InlineData("to=05/04/2026", "to")]
    [InlineData("action=", "action")]
    [InlineData("service=a%00b", "service")]
    public async Task Query_that_makes_no_sense_is_refused(string query, string field) =>
        (await api.GetAsync($"{OfUser}?{query}", Owner)).IsProblem(400, field);

    [Fact]
    public async Task Export_is_a_line_an_entry_over_many_pages()
    {
        await WriteAsync(2_345);

        var export = (await api.GetAsync($"{OfUser}/export?action=LOGIN", Owner)).Is(200, "application/x-ndjson");

        var lines = export.Text.Split('\n');
        Assert.Equal("", lines[^1]);
        var rows = lines[..^1].Select(line => JsonElement.Parse(line)).ToList();
        Assert.All(rows, row => Assert.Equal(Fields, Names(row)));
        Assert.Equal(Enumerable.Range(0, 2_345).Select(i => $"entry {i}"), rows.Select(row => row.GetProperty("description").GetString()));
        Assert.Equal("", (await api.GetAsync($"{OfUser}/export?to=2020-01-01", Owner)).Is(200).Text);
        (await api.GetAsync($"{OfUser}/export?from=x", Owner)).IsProblem(400, "from");
    }

    [Fact]
    public async Task Administrator_reads_and_exports_everybodys()
    {
        await WriteAsync(3);

        (await api.GetAsync("/api/logs/all", Admin)).IsJson();
        var rows = (await api.GetAsync("/api/logs/all?limit=1000", Admin)).IsJson().Json.GetProperty("logs");
        Assert.Equal(3, rows.EnumerateArray().Count(row => row.GetProperty("user_id").ToString() == user.ToString()));
        Assert.Contains(user.ToString(), (await api.GetAsync("/api/logs/export", Admin)).Is(200).Text, StringComparison.Ordinal);
        (await api.GetAsync("/api/logs/user/nobody", Admin)).IsProblem(400, "uid");
    }

    [Fact]
    public async Task Client_that_leaves_an_export_ends_it()
    {
        await WriteAsync(3_000);
        using var http = new HttpClient { BaseAddress = api.Server };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(OfUser + "/export", UriKind.Relative));
        request.Headers.TryAddWithoutValidation(Owner.Item1, Owner.Item2);

        using (var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
            Assert.Equal(200, (int)answer.StatusCode);

        (await api.GetAsync(OfUser, Owner)).IsJson();
    }

    [Fact]
    public async Task Logs_belong_to_their_owner_and_to_administrators()
    {
        var other = Token(Guid.NewGuid(), AccountRole.User);
        foreach (var path in (string[])["/api/logs/all", "/api/logs/export", OfUser, OfUser + "/export"])
        {
            (await api.GetAsync(path)).IsProblem(401, error: "Token not provided");
            (await api.GetAsync(path, other)).IsProblem(403);
            (await api.GetAsync(path, Admin)).Is(200);
        }

        (await api.GetAsync("/api/logs/all", Owner)).IsProblem(403, message: "Access denied. Admin role required.");
        (await api.PostAsync("/api/logs/add", "{}")).IsProblem(401, error: "Token not provided");
    }

    [Theory]
    [InlineData("GET", "/api/logs")]
    [InlineData("GET", "/api/logs/")]
    [InlineData("GET", "/api/logs/nothing")]
    [InlineData("GET", "/api/logs/user")]
    [InlineData("GET", "/api/logs/user/a/b/c")]
    [InlineData("POST", "/api/logs")]
    [InlineData("OPTIONS", "/api/logs/nothing")]
    [InlineData("DELETE", "/api/logs/user/a/b")]
    public async Task Everything_else_is_an_invalid_route(string method, string path) =>
        (await api.SendAsync(method, path, null)).IsProblem(404, message: "Invalid route");

    private async Task<DateTimeOffset> WriteAsync(int count)
    {
        var newest = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddHours(-1);
        var entries = Enumerable.Range(0, count)
            .Select(i => new LogEntry(Guid.NewGuid(), user, "LOGIN", $"entry {i}", "UserAccountService", newest.AddSeconds(-i), false));
        foreach (var chunk in entries.Chunk(1_000))
            await application.Services.GetRequiredService<IGrainFactory>().GetGrain<ILogGrain>(0).WriteAsync([.. chunk]);

        return newest;
    }

    private async Task<long> CountAsync(string query) => (await api.GetAsync($"{OfUser}?{query}", Owner)).IsJson().Json.GetProperty("total").GetInt64();

    /// <summary>Names with the kinds of their values; of the mark, which it is.</summary>
    private static string Names(JsonElement row) =>
        Shape.Of(row).Replace("client_reported:Bool", $"client_reported:{row.GetProperty("client_reported").ValueKind}", StringComparison.Ordinal);

    private (string, string) Token(Guid id, AccountRole role) => (
        "Authorization", "Bearer " + application.Services.GetRequiredService<AccessTokens>().Make(TokenParts.Account(role) with { UserId = id }, Guid.NewGuid()));
}
