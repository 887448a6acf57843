using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using static Streaming.Tests.Auth.TokenParts;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class TokenTests(ClosedApplication application)
{
    private const string Path = "/api/users/sessions";

    private static readonly FakeTimeProvider Now = new(DateTimeOffset.UtcNow);

    private readonly Api api = application.Api;

    public static TheoryData<string> Bad => ["expired", "tampered", "unsigned", "of another issuer", "for another audience", "of another key", "no token", "empty", "of another scheme", "of a key that is none"];

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Bad_token_is_refused(string kind)
    {
        var answer = await api.GetAsync(Path, ("Authorization", Header(kind)));

        answer.IsProblem(401, error: "Invalid or expired token");
        Assert.Contains("Bearer", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
        Assert.Contains("invalid_token", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_token_is_refused()
    {
        var answer = (await api.GetAsync(Path)).IsProblem(401, error: "Token not provided");

        Assert.StartsWith("Bearer", answer.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_of_the_key_before_is_good() =>
        (await api.GetAsync(Path, ("Authorization", "Bearer " + Tokens(Now, ClosedApplication.PreviousKey).Make(Account(), Guid.NewGuid())))).IsJson();

    [Fact]
    public async Task Bad_token_changes_nothing_on_a_public_route()
    {
        foreach (var kind in (string[])["expired", "tampered", "no token"])
            (await api.GetAsync("/api/v1/content/ids?limit=1", ("Authorization", Header(kind)))).IsJson();
    }

    [Fact]
    public async Task Bad_token_is_refused_where_access_is_open_too_and_a_good_one_counts()
    {
        await using var open = new StreamingApplication();
        var history = $"/api/v1/content/users/{Guid.NewGuid()}/watch-history";

        (await open.Api.GetAsync(history)).IsJson();
        (await open.Api.GetAsync(history, ("Authorization", Header("tampered")))).IsProblem(401, error: "Invalid or expired token");
        (await open.Api.GetAsync(history, open.Token())).IsProblem(403);
        (await open.Api.GetAsync(history, open.Administrator())).IsJson();
    }

    private static string Header(string kind) => kind switch
    {
        "expired" => "Bearer " + Tokens(new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(-2))).Make(Account(), Guid.NewGuid()),
        "tampered" => "Bearer " + WithPayload(Tokens(Now).Make(Account(), Guid.NewGuid()), payload => payload["role"] = "admin"),
        "unsigned" => "Bearer " + Unsigned(Tokens(Now).Make(Account(AccountRole.Admin), Guid.NewGuid())),
        "of another issuer" => "Bearer " + Tokens(Now, issuer: "another").Make(Account(), Guid.NewGuid()),
        "for another audience" => "Bearer " + Tokens(Now, audience: "another").Make(Account(), Guid.NewGuid()),
        "of another key" => "Bearer " + Tokens(Now, Key + "!").Make(Account(), Guid.NewGuid()),
        "no token" => "Bearer a.b.c",
        "empty" => "Bearer ",
        "of another scheme" => "Basic YWRhOnBhc3N3b3Jk",
        "of a key that is none" => "ApiKey nothing",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
