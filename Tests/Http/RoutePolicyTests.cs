using Streaming.Users;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class RoutePolicyTests(ClosedApplication application)
{
    /// <summary>Of a route that answers 403 where others answer 404, to whom it has let in.</summary>
    private const string NotFoundInOldWords = "Unauthorized or video not found";

    private readonly Api api = application.Api;

    public static TheoryData<string> Names => [.. RouteTable.All.Where(route => route is { Policy: not "elsewhere", Method: not "HEAD" }).Select(route => route.Name)];

    [Fact]
    public void Every_route_states_the_policy_that_is_listed_for_it() =>
        Assert.Equal(RouteTable.All.Select(route => $"{route.Name}: {route.Policy}").Order(StringComparer.Ordinal), application.Policies);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Route_lets_in_whom_its_policy_does(string name)
    {
        var route = RouteTable.All.Single(route => route.Name == name);
        var owner = Guid.NewGuid();
        var banned = await application.SignUpAsync();
        await application.Grains.GetGrain<IAccountGrain>(banned.UserId).SetBannedAsync(true);
        var key = await application.Grains.GetGrain<IApiKeysGrain>(0).AddAsync(name, Guid.NewGuid());
        await UntilKnownAsync(banned, key!);

        // Whom it lets in, of: nobody in particular, owner, another user, administrator, collector, banned.
        var expected = route.Policy.Split(' ')[0] switch
        {
            "public" => "in in in in in in",
            "user" => "401 in in in 403 401",
            "owner" => "401 in 403 in 403 401",
            "administrator" => "401 403 403 in 403 401",
            "collector" => "401 403 403 in in 401",
            _ => throw new InvalidOperationException(route.Policy),
        };
        (string, string)[][] callers =
            [[], [application.Token(owner)], [application.Token()], [application.Administrator()], [("Authorization", $"ApiKey {key!.Secret}")], [banned.Token]];
        var outcomes = new List<string>();
        foreach (var headers in callers)
        {
            var answer = await api.SendAsync(route.Method, Fill(route.Path, owner), Body(route), headers);
            outcomes.Add(answer.Status is 401 or 403 && !answer.Text.Contains(NotFoundInOldWords, StringComparison.Ordinal) ? $"{answer.Status}" : "in");
            Assert.True(answer.Status < 500, $"{name}: {answer.Status} {answer.Text}");
        }

        Assert.Equal(expected, string.Join(' ', outcomes));
    }

    /// <summary>What another kind of body is told comes before anybody is asked who they are.</summary>
    private static ByteArrayContent? Body(ListedRoute route) => route switch
    {
        { Method: "GET" } => null,
        { Path: "/api/videos/upload" } => Api.Bytes("--x--"u8.ToArray(), "multipart/form-data; boundary=x"),
        _ => Api.Json("{}"),
    };

    /// <summary>Answers of the routes that let in say so by 400, 404 or 200; ids are of nothing.</summary>
    private static string Fill(string path, Guid owner) => path
        .Replace("{uid}", owner.ToString(), StringComparison.Ordinal)
        .Replace("{userId}", owner.ToString(), StringComparison.Ordinal)
        .Replace("{id}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        .Replace("{contentId}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        .Replace("{sessionId}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        .Replace("{filename}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        .Replace("{keyId}", Guid.NewGuid().ToString(), StringComparison.Ordinal);

    private Task UntilKnownAsync(Person banned, NewApiKey key) => Poll.UntilAsync(async () =>
    {
        var refused = await api.GetAsync("/api/users/sessions", banned.Token);
        var counted = await api.PostAsync("/api/v1/views", "[]", ("Authorization", $"ApiKey {key.Secret}"));
        return (refused.Status, counted.Status) == (401, 200) ? null : $"{refused.Status} {counted.Status}";
    });
}
