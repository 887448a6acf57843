using System.Text.Json.Nodes;
using Streaming.Users;

namespace Streaming.Tests.Http;

/// <summary>The word <c>me</c> in place of one's own user id.</summary>
[Collection(ClosedTests.Name)]
public sealed class MeAliasTests(ClosedApplication application)
{
    private readonly Api api = application.Api;

    /// <summary>All routes with a user id in their path.</summary>
    public static TheoryData<string> Names => [.. RouteTable.All.Where(route => route.Method != "HEAD" && (route.Path.Contains("{userId}", StringComparison.Ordinal) || route.Path.Contains("{uid}", StringComparison.Ordinal))).Select(route => route.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Me_is_ones_own_id_in_every_path(string name)
    {
        var route = RouteTable.All.Single(route => route.Name == name);
        var person = await application.SignUpAsync(route.Policy.StartsWith("administrator", StringComparison.Ordinal) ? AccountRole.Admin : AccountRole.User);

        var (me, id) = (await SendAsync(route, "me", person), await SendAsync(route, person.UserId.ToString(), person));

        Assert.Equal(id.Status, me.Status);
        Assert.Equal(Told(id), Told(me));
        Assert.NotEqual(403, me.Status);
        Assert.DoesNotContain("must be a UUID", me.Text, StringComparison.Ordinal);
        (await SendAsync(route, "ME", person)).Is(route.Policy.StartsWith("owner", StringComparison.Ordinal) ? 403 : 400);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Me_is_nobody_without_a_token(string name)
    {
        var route = RouteTable.All.Single(route => route.Name == name);
        (await api.SendAsync(route.Method, Fill(route, "me"), Body(route))).IsProblem(401, error: "Token not provided");
    }

    [Fact]
    public async Task Me_is_ones_own_id_in_bodies()
    {
        var person = await application.SignUpAsync();

        var review = (await api.PostAsync($"/api/v1/content/{application.TakeTitle()}/reviews", """{"user_id":"me","rating":7}""", person.Token)).IsJson(201).Json;
        Assert.Equal(person.UserId, review.GetProperty("review").GetProperty("user_id").GetGuid());

        var admin = await application.SignUpAsync(AccountRole.Admin);
        (await api.PostAsync("/api/logs/add", """{"user_id":"me","action":"NOTE","description":"mine","service":"tests"}""", admin.Token)).IsJson(201);
        Assert.Contains("\"mine\"", (await api.GetAsync("/api/logs/user/me?action=NOTE", admin.Token)).IsJson().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_profile_is_told_whole()
    {
        var person = await application.SignUpAsync();
        var profile = (await api.GetAsync("/api/users/me", person.Token)).IsJson().Json.GetProperty("user");
        Assert.Equal((person.UserId, person.Email), (profile.GetProperty("id").GetGuid(), profile.GetProperty("email").GetString()));
    }

    private Task<Answer> SendAsync(ListedRoute route, string user, Person person) => api.SendAsync(route.Method, Fill(route, user), Body(route), person.Token);

    private static string Fill(ListedRoute route, string user) => route.Path
        .Replace("{uid}", user, StringComparison.Ordinal)
        .Replace("{userId}", user, StringComparison.Ordinal)
        .Replace("{contentId}", Guid.Empty.ToString(), StringComparison.Ordinal);

    private static StringContent? Body(ListedRoute route) => route.Method is "GET" or "HEAD" or "DELETE" ? null : Api.Json("""{"role":"admin","storage_mb":50}""");

    /// <summary>What was answered, but for what differs with each request.</summary>
    private static string Told(Answer answer)
    {
        // Entries of the log come when they come.
        if (!answer.Text.StartsWith('{') || answer.ContentType == "application/x-ndjson")
            return answer.ContentType == "application/x-ndjson" ? "" : answer.Text;

        var told = JsonNode.Parse(answer.Text)!.AsObject();
        foreach (var name in (string[])["traceId", "logs", "total"])
            told.Remove(name);

        return told.ToJsonString();
    }
}
