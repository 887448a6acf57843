using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using Streaming.WebFront;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Auth;

public sealed class PolicyTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 4, 20, 15, 0, TimeSpan.Zero));

    [Fact]
    public async Task Route_that_states_no_policy_keeps_the_program_from_starting()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapGet("/stated", () => "").IsPublic();
        app.MapGroup("/group").RequireCaller().MapGet("/stated", () => "");
        app.CheckPolicies();

        app.MapGet("/silent", () => "");

        Assert.Contains("/silent", Assert.Throws<StartupException>(app.CheckPolicies).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Good_token_is_neither_taken_nor_refused_while_the_front_knows_too_little()
    {
        var tokens = TokenParts.Tokens(time);
        var map = new RevocationCache(time);
        var callers = new CallerReader(tokens, map);
        var request = Request("Bearer " + tokens.Make(TokenParts.Account(), Guid.NewGuid()));

        Assert.Equal(CallerStatus.Unknown, (await callers.ReadAsync(request)).Status);
        Assert.Equal(CallerStatus.Unknown, (await callers.ReadAsync(Request("ApiKey whose"))).Status);
        Assert.Equal(CallerStatus.Bad, (await callers.ReadAsync(Request("Bearer of.nobody.ever"))).Status);
        Assert.Equal(CallerStatus.Missing, (await callers.ReadAsync(new DefaultHttpContext().Request)).Status);

        map.Apply(new AccessUpdate(new AccessVersion(Guid.Empty, 1), IsWhole: true, HasMore: false, [], []));

        Assert.Equal(CallerStatus.Known, (await callers.ReadAsync(request)).Status);
        Assert.Equal(CallerStatus.Bad, (await callers.ReadAsync(Request("ApiKey whose"))).Status);

        time.Advance(RevocationCache.MaxAge + TimeSpan.FromSeconds(1));
        Assert.Equal(CallerStatus.Unknown, (await callers.ReadAsync(request)).Status);
    }

    [Fact]
    public async Task Expired_token_still_says_whose_keys_for_idempotency_a_view_has()
    {
        var tokens = TokenParts.Tokens(time);
        var callers = new CallerReader(tokens, new RevocationCache(time));
        var account = TokenParts.Account();
        var request = Request("Bearer " + tokens.Make(account, Guid.NewGuid()));
        time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(Caller.SubjectOf(account.UserId), await callers.SubjectAsync(request));
        Assert.Equal("anonymous", await callers.SubjectAsync(Request("Bearer of.nobody.ever")));
        Assert.Equal("anonymous", await callers.SubjectAsync(new DefaultHttpContext().Request));
    }

    private static HttpRequest Request(string authorization)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = authorization;
        return context.Request;
    }
}
