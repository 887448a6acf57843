using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Auth;

/// <summary>Tokens, and what can be done to them.</summary>
internal static class TokenParts
{
    public const string Key = "the signing key of these tests, 40 bytes";

    public static Account Account(AccountRole role = AccountRole.User, string email = "ada@example.com") =>
        new(Guid.NewGuid(), email, "Ada", role, DateTimeOffset.UnixEpoch, null);

    public static AccessTokens Tokens(FakeTimeProvider time, string key = Key, string? previous = null, string issuer = "streaming", string audience = "streaming")
    {
        var options = new AuthOptions { SigningKey = key, PreviousSigningKey = previous, Issuer = issuer, Audience = audience };
        return new AccessTokens(Options.Create(options), SigningKeys.Read(options, Environments.Production, ""), time);
    }

    public static JsonObject Header(string token) => Part(token, 0);

    public static JsonObject Payload(string token) => Part(token, 1);

    /// <summary>The token with another payload and its old signature.</summary>
    public static string WithPayload(string token, Action<JsonObject> change)
    {
        var parts = token.Split('.');
        var payload = Payload(token);
        change(payload);
        return $"{parts[0]}.{Encode(payload)}.{parts[2]}";
    }

    /// <summary>The token without a signature, and saying so.</summary>
    public static string Unsigned(string token, string algorithm = "none") =>
        $"{Encode(new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" })}.{token.Split('.')[1]}.";

    private static JsonObject Part(string token, int index) =>
        JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[index]))!.AsObject();

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static class Environments
    {
        public static Microsoft.Extensions.Hosting.IHostEnvironment Production { get; } =
            new Microsoft.Extensions.Hosting.Internal.HostingEnvironment { EnvironmentName = "Production" };
    }
}
