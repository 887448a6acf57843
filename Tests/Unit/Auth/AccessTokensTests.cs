using System.Text;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using Streaming.WebFront.Auth;
using static Streaming.Tests.Auth.TokenParts;

namespace Streaming.Tests.Auth;

public sealed class AccessTokensTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 4, 20, 15, 0, TimeSpan.Zero));
    private readonly AccessTokens tokens;

    public AccessTokensTests() => tokens = Tokens(time);

    [Fact]
    public async Task Token_is_read_back()
    {
        var account = Account(AccountRole.Admin);
        var session = Guid.NewGuid();

        Assert.Equal(new AccessToken(account.UserId, account.Email, AccountRole.Admin, session), await tokens.ReadAsync(tokens.Make(account, session)));
    }

    [Fact]
    public void Token_has_the_contracts_claims_and_ours()
    {
        var account = Account();
        var session = Guid.NewGuid();

        var token = tokens.Make(account, session);

        var payload = Payload(token);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(["id", "email", "iat", "exp", "role", "sub", "iss", "aud", "jti", "sid"], payload.Select(claim => claim.Key));
        Assert.Equal(account.UserId.ToString(), payload["id"]!.GetValue<string>());
        Assert.Equal(account.UserId.ToString(), payload["sub"]!.GetValue<string>());
        Assert.Equal("ada@example.com", payload["email"]!.GetValue<string>());
        Assert.Equal("user", payload["role"]!.GetValue<string>());
        Assert.Equal(now, payload["iat"]!.GetValue<long>());
        Assert.Equal(now + 3600, payload["exp"]!.GetValue<long>());
        Assert.Equal("streaming", payload["iss"]!.GetValue<string>());
        Assert.Equal("streaming", payload["aud"]!.GetValue<string>());
        Assert.Equal(session.ToString(), payload["sid"]!.GetValue<string>());
        Assert.Equal("HS256", Header(token)["alg"]!.GetValue<string>());
    }

    [Fact]
    public async Task Payload_is_plain_base64_whatever_the_email_is()
    {
        var random = new Random(17);
        string[] alphabets = ["~?>\u007f", "abc~?>-_", "äöüßéñ漢字😀", "}|{`_^]\\[@", "\"\\<&'+/"];
        for (var i = 0; i < 2_000; i++)
        {
            var alphabet = alphabets[random.Next(alphabets.Length)].EnumerateRunes().ToArray();
            var name = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => alphabet[random.Next(alphabet.Length)].ToString()));
            var account = Account(email: name + "@example.com");

            var token = tokens.Make(account, Guid.NewGuid());

            Assert.DoesNotContain(token.Split('.')[1], character => character is '-' or '_');
            Assert.Equal(account.Email, (await tokens.ReadAsync(token))!.Email);
        }
    }

    [Fact]
    public async Task Token_ends_after_an_hour_and_the_clocks_skew()
    {
        var token = tokens.Make(Account(), Guid.NewGuid());

        time.Advance(TimeSpan.FromMinutes(60) + TimeSpan.FromSeconds(29));
        Assert.NotNull(await tokens.ReadAsync(token));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tokens.ReadAsync(token));
        Assert.NotNull(await tokens.ReadExpiredAsync(token));
    }

    [Fact]
    public async Task Tampered_token_is_not_good()
    {
        var token = tokens.Make(Account(), Guid.NewGuid());

        Assert.Null(await tokens.ReadAsync(WithPayload(token, payload => payload["role"] = "admin")));
        Assert.Null(await tokens.ReadExpiredAsync(WithPayload(token, payload => payload["id"] = Guid.NewGuid().ToString())));
        Assert.Null(await tokens.ReadAsync(token[..^2]));
        Assert.Null(await tokens.ReadAsync(token + "x"));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("HS512")]
    [InlineData("RS256")]
    public async Task Token_without_a_signature_is_not_good(string algorithm) =>
        Assert.Null(await tokens.ReadAsync(Unsigned(tokens.Make(Account(), Guid.NewGuid()), algorithm)));

    [Fact]
    public async Task Token_of_another_algorithm_with_the_right_key_is_not_good()
    {
        var token = tokens.Make(Account(), Guid.NewGuid());
        var key = new Microsoft.IdentityModel.Tokens.SymmetricSecurityKey(Encoding.UTF8.GetBytes(Key + Key));
        var other = new Microsoft.IdentityModel.JsonWebTokens.JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }
            .CreateToken(Payload(token).ToJsonString(), new Microsoft.IdentityModel.Tokens.SigningCredentials(key, "HS512"));

        Assert.Null(await Tokens(time, Key + Key).ReadAsync(other));
    }

    [Theory]
    [InlineData("another", "streaming")]
    [InlineData("streaming", "another")]
    public async Task Token_of_another_issuer_or_audience_is_not_good(string issuer, string audience) =>
        Assert.Null(await tokens.ReadAsync(Tokens(time, issuer: issuer, audience: audience).Make(Account(), Guid.NewGuid())));

    [Fact]
    public async Task Token_of_the_key_before_is_good_and_of_any_other_is_not()
    {
        const string Next = "the key after that one, which is long enough too";
        var old = tokens.Make(Account(), Guid.NewGuid());
        var rotated = Tokens(time, Next, previous: Key);

        Assert.NotNull(await rotated.ReadAsync(old));
        var made = rotated.Make(Account(), Guid.NewGuid());
        Assert.NotNull(await rotated.ReadAsync(made));
        Assert.NotEqual(Header(old)["kid"]!.GetValue<string>(), Header(made)["kid"]!.GetValue<string>());
        Assert.Null(await Tokens(time, Next).ReadAsync(old));
        Assert.Null(await tokens.ReadAsync(made));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9..")]
    [InlineData("....")]
    public async Task What_is_no_token_is_not_good(string text)
    {
        Assert.Null(await tokens.ReadAsync(text));
        Assert.Null(await tokens.ReadExpiredAsync(text));
    }
}
