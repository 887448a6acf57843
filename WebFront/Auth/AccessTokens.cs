using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Streaming.Users;

namespace Streaming.WebFront.Auth;

/// <summary>Makes access tokens and checks them: JWT, HS256 and nothing else.</summary>
internal sealed class AccessTokens
{
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);
    private static readonly JsonWriterOptions Json = new() { Encoder = PlainInBase64() };

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly AuthOptions options;
    private readonly SigningKeys keys;
    private readonly TimeProvider time;
    private readonly Lazy<TokenValidationParameters> current;
    private readonly Lazy<TokenValidationParameters> anyTime;

    public AccessTokens(IOptions<AuthOptions> options, SigningKeys keys, TimeProvider time)
    {
        (this.options, this.keys, this.time) = (options.Value, keys, time);
        Lifetime = TimeSpan.FromMinutes(options.Value.TokenMinutes);
        current = new(() => Rules(IsNow));
        anyTime = new(() => Rules((_, _, _, _) => true));
    }

    public TimeSpan Lifetime { get; }

    public string Make(Account account, Guid sessionId)
    {
        var now = time.GetUtcNow();
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload, Json))
        {
            json.WriteStartObject();
            json.WriteString("id", account.UserId);
            json.WriteString("email", account.Email);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", (now + Lifetime).ToUnixTimeSeconds());
            json.WriteString("role", account.Role.Name());
            json.WriteString("sub", account.UserId);
            json.WriteString("iss", options.Issuer);
            json.WriteString("aud", options.Audience);
            json.WriteString("jti", Guid.NewGuid());
            json.WriteString("sid", sessionId);
            json.WriteEndObject();
        }

        return handler.CreateToken(Encoding.ASCII.GetString(payload.WrittenSpan), new SigningCredentials(keys.Current, SecurityAlgorithms.HmacSha256));
    }

    /// <summary>What a good token says; null for any other.</summary>
    public ValueTask<AccessToken?> ReadAsync(string token) => ReadAsync(token, current.Value);

    /// <summary>The same of one that may have expired: whose it was, for what must stay the same over a client's repeats.</summary>
    public ValueTask<AccessToken?> ReadExpiredAsync(string token) => ReadAsync(token, anyTime.Value);

    private async ValueTask<AccessToken?> ReadAsync(string token, TokenValidationParameters rules)
    {
        var result = await handler.ValidateTokenAsync(token, rules);
        return result is { IsValid: true, SecurityToken: JsonWebToken jwt }
            && TryGet(jwt, "id", out var id) && Guid.TryParseExact(id, "D", out var userId)
            && TryGet(jwt, "sid", out var sid) && Guid.TryParseExact(sid, "D", out var sessionId)
            && TryGet(jwt, "role", out var name) && RoleNames.TryParse(name, out var role)
            && TryGet(jwt, "email", out var email)
                ? new AccessToken(userId, email, role, sessionId)
                : null;
    }

    private static bool TryGet(JsonWebToken jwt, string claim, [NotNullWhen(true)] out string? value) => jwt.TryGetPayloadValue(claim, out value) && value is not null;

    private TokenValidationParameters Rules(LifetimeValidator lifetime) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        ValidTypes = ["JWT"],
        ValidIssuer = options.Issuer,
        ValidAudience = options.Audience,
        IssuerSigningKeys = keys.Previous is null ? [keys.Current] : [keys.Current, keys.Previous],
        LifetimeValidator = lifetime,
        LogValidationExceptions = false,
    };

    private bool IsNow(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return expires is { } end && now < end + ClockSkew && (notBefore is null || now >= notBefore - ClockSkew);
    }

    /// <summary>
    /// Escapes what has six ones, or five and a zero, where base64url cuts: then the payload's segment is plain base64 too, and
    /// the old page reads it with <c>atob</c>. Only <c>&gt; ? ~</c>, DEL and bytes from 128 on have them.
    /// </summary>
    private static JavaScriptEncoder PlainInBase64()
    {
        var allowed = new TextEncoderSettings(UnicodeRanges.BasicLatin);
        allowed.ForbidCharacters('>', '?', '~', '\u007f');
        return JavaScriptEncoder.Create(allowed);
    }
}

/// <summary>What a token says, which may no longer be so: see <see cref="RevocationCache"/>.</summary>
internal sealed record AccessToken(Guid UserId, string Email, AccountRole Role, Guid SessionId)
{
    public override string ToString() => $"{nameof(AccessToken)} {UserId}";
}
