using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class RateLimitTests
{
    private const string Ids = "/api/v1/content/ids?limit=1";

    [Fact]
    public async Task Requests_over_a_limit_are_refused_with_its_name_and_when_to_come_back_before_anything_is_done()
    {
        await using var application = Limited(("RateLimits:Views:Burst", "3"), ("RateLimits:Writes:Burst", "2"), ("RateLimits:Collectors:Burst", "1"));
        var api = application.Api;
        var title = application.ContentIds[0];
        var increment = $"/api/v1/content/{title}/views/increment";
        var before = await ViewsAsync(api, title);

        for (var i = 0; i < 3; i++)
            (await api.PostAsync(increment)).Is(200);

        IsRefused(await api.PostAsync(increment), "views");
        IsRefused(await api.PostAsync(increment, headers: ("Idempotency-Key", "0123456789abcdef")), "views");
        Assert.Equal(before + 3, await ViewsAsync(api, title));

        // Of others than views: those that change something, wrong ones included.
        (await api.PostAsync($"/api/v1/content/{title}/reviews", "{}")).IsProblem(400, "user_id");
        (await api.PostAsync("/nowhere")).IsProblem(404);
        IsRefused(await api.PostAsync($"/api/v1/content/{title}/reviews", "{}"), "writes");
        IsRefused(await api.PutAsync($"/api/v1/users/{title}/progress/{title}", "{}"), "writes");
        (await api.PostAsync("/api/v1/views", "[]")).Is(200);
        IsRefused(await api.PostAsync("/api/v1/views", "[]"), "collectors");
    }

    [Fact]
    public async Task Reads_over_their_limit_are_refused_and_health_never_is()
    {
        await using var application = Limited(("RateLimits:Reads:Burst", "2"));

        (await application.Api.GetAsync(Ids)).Is(200);
        (await application.Api.GetAsync("/nowhere")).IsProblem(404);
        IsRefused(await application.Api.GetAsync(Ids), "reads");
        var refused = await application.Api.GetAsync(Ids, ("Origin", "null"));
        Assert.Equal("*", refused.Is(429).Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("Retry-After", refused.Headers["Access-Control-Expose-Headers"], StringComparison.OrdinalIgnoreCase);
        (await application.Api.GetAsync("/health/live")).Is(200);
        (await application.Api.GetAsync("/health/ready")).Is(200);
    }

    [Fact]
    public async Task Addresses_that_a_peer_who_is_no_known_proxy_tells_are_not_believed()
    {
        await using var application = Limited(("RateLimits:Reads:Burst", "2"), ("Proxies:Known", "10.0.0.0/8"));

        (await application.Api.GetAsync(Ids, ("X-Forwarded-For", "203.0.113.1"))).Is(200);
        (await application.Api.GetAsync(Ids, ("X-Forwarded-For", "203.0.113.2"))).Is(200);
        IsRefused(await application.Api.GetAsync(Ids, ("X-Forwarded-For", "203.0.113.3")), "reads");
        IsRefused(await application.Api.GetAsync(Ids, ("X-Forwarded-For", "203.0.113.3, 10.0.0.1")), "reads");
        IsRefused(await application.Api.GetAsync(Ids, ("Forwarded", "for=203.0.113.3"), ("X-Real-IP", "203.0.113.3")), "reads");
    }

    [Fact]
    public async Task Behind_a_known_proxy_each_client_has_limits_of_its_own_and_none_can_choose_its_address()
    {
        await using var application = Limited(("RateLimits:Reads:Burst", "1"), ("Proxies:Known", "127.0.0.1, ::1"));
        Task<Answer> From(string forwarded) => application.Api.GetAsync(Ids, ("X-Forwarded-For", forwarded));

        (await From("203.0.113.1")).Is(200);
        (await From("203.0.113.2")).Is(200);
        IsRefused(await From("203.0.113.1"), "reads");
        // What the client sent itself stands before what the proxy added.
        IsRefused(await From("198.51.100.7, 203.0.113.1"), "reads");
        (await From("2001:db8:0:1::1")).Is(200);
        IsRefused(await From("2001:db8:0:1::2"), "reads");
        (await From("2001:db8:0:2::1")).Is(200);
    }

    [Fact]
    public async Task Of_several_proxies_as_many_are_passed_as_there_are_hops_and_only_known_ones()
    {
        await using var application = Limited(("RateLimits:Reads:Burst", "1"), ("Proxies:Known:0", "127.0.0.1"), ("Proxies:Known:1", "10.0.0.0/8"), ("Proxies:Hops", "2"));
        Task<Answer> From(string forwarded) => application.Api.GetAsync(Ids, ("X-Forwarded-For", forwarded));

        (await From("203.0.113.1, 10.0.0.1")).Is(200);
        (await From("203.0.113.2, 10.0.0.1")).Is(200);
        IsRefused(await From("198.51.100.7, 203.0.113.1, 10.0.0.2"), "reads");
        // The nearest that is no proxy of ours is the client, whomever it names.
        (await From("203.0.113.3, 192.0.2.1")).Is(200);
        IsRefused(await From("203.0.113.4, 192.0.2.1"), "reads");
    }

    [Fact]
    public async Task Account_has_limits_of_its_own_wherever_it_comes_from()
    {
        await using var application = Limited(("RateLimits:Reads:Burst", "1"), ("Proxies:Known", "127.0.0.1"));
        Know(application);
        var (ann, bob) = (Guid.NewGuid(), Guid.NewGuid());
        var tokens = application.Services.GetRequiredService<AccessTokens>();
        Task<Answer> ByAsync(Guid user, string address) => application.Api.GetAsync(
            $"/api/v1/users/{user}/progress", ("X-Forwarded-For", address), ("Authorization", "Bearer " + Token(tokens, user)));

        Assert.Equal("no-store", (await ByAsync(ann, "203.0.113.1")).Is(200).Headers["Cache-Control"]);
        (await ByAsync(bob, "203.0.113.1")).Is(200);
        IsRefused(await ByAsync(ann, "203.0.113.2"), "reads");
        // Who is nobody has those of the address.
        (await application.Api.GetAsync($"/api/v1/users/{ann}/progress", ("X-Forwarded-For", "203.0.113.2"), ("Authorization", "Bearer x"))).Is(401);
        IsRefused(await application.Api.GetAsync($"/api/v1/users/{ann}/progress", ("X-Forwarded-For", "203.0.113.2"), ("Authorization", "Bearer y")), "reads");
    }

    [Fact]
    public async Task Single_views_with_a_good_key_have_the_limit_of_collectors()
    {
        await using var application = Limited(("RateLimits:Views:Burst", "1"), ("RateLimits:Collectors:Burst", "2"));
        var increment = $"/api/v1/content/{application.ContentIds[0]}/views/increment";
        Know(application, new ApiKeyAccess(Guid.NewGuid(), SHA256.HashData("a good key"u8), IsRevoked: false));
        Task<Answer> WithAsync(string key) => application.Api.PostAsync(increment, headers: ("Authorization", "ApiKey " + key));

        (await WithAsync("a good key")).Is(200);
        (await WithAsync("a good key")).Is(200);
        IsRefused(await WithAsync("a good key"), "collectors");
        (await WithAsync("a bad key")).Is(200);
        IsRefused(await WithAsync("another bad key"), "views");
    }

    [Fact]
    public async Task Defaults_let_a_newcomer_loop()
    {
        await using var application = new StreamingApplication(Environments.Development, ("RateLimits:Enabled", "true"), ("Seed:Titles", "2"));
        var title = application.ContentIds[0];

        for (var i = 0; i < 1_000; i++)
        {
            (await application.Api.GetAsync($"/api/v1/content/{title}/details")).Is(200);
            (await application.Api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);
        }

        for (var i = 0; i < 400; i++)
            (await application.Api.PutAsync($"/api/v1/users/{title}/progress/{title}", "{}")).Is(400);
    }

    [Theory]
    [InlineData("RateLimits:Login:Burst", "0")]
    [InlineData("RateLimits:Reads:PerMinute", "-1")]
    [InlineData("RateLimits:MaxClients", "1")]
    public void Limit_that_makes_no_sense_is_refused(string key, string value)
    {
        var services = new ServiceCollection().AddSingleton<IConfiguration>(new ConfigurationManager { [key] = value });
        services.AddStreamingRateLimits();

        var failure = Assert.Throws<OptionsValidationException>(() => services.BuildServiceProvider().GetRequiredService<IOptions<RateLimitOptions>>().Value);

        Assert.Contains(key.Split(':')[^1], failure.Message, StringComparison.Ordinal);
    }

    private static StreamingApplication Limited(params (string Key, string Value)[] settings) => new(
        Environments.Development,
        [
            ("RateLimits:Enabled", "true"), ("Seed:Titles", "2"),
            // What was used up stays so for the length of a test.
            ("RateLimits:Views:PerMinute", "1"), ("RateLimits:Writes:PerMinute", "1"), ("RateLimits:Reads:PerMinute", "1"), ("RateLimits:Collectors:PerMinute", "1"),
            .. settings,
        ]);

    /// <summary>Lets the front know enough to judge tokens and keys.</summary>
    private static void Know(StreamingApplication application, params ApiKeyAccess[] keys)
    {
        _ = application.Api;
        application.Services.GetRequiredService<RevocationCache>().Apply(new AccessUpdate(new AccessVersion(Guid.NewGuid(), 1), IsWhole: true, HasMore: false, [], [.. keys]));
    }

    private static string Token(AccessTokens tokens, Guid user) =>
        tokens.Make(new Account(user, "somebody@example.com", "Somebody", AccountRole.User, DateTimeOffset.UnixEpoch, null), Guid.NewGuid());

    private static async Task<long> ViewsAsync(Api api, Guid title) =>
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();

    private static void IsRefused(Answer answer, string limit)
    {
        answer.Is(429, "application/problem+json");
        Assert.Equal("type:String title:String status:Number detail:String message:String limit:String traceId:String", Shape.Of(answer.Json));
        Assert.Equal(limit, answer.Json.GetProperty("limit").GetString());
        Assert.Contains($"\"{limit}\"", answer.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }
}
