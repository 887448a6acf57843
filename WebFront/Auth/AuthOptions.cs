using System.ComponentModel.DataAnnotations;

namespace Streaming.WebFront.Auth;

/// <summary>Section <c>Auth</c>, for fronts: access tokens.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>
    /// Signs access tokens; the same in all fronts. At least 32 bytes, as text or as <c>base64:…</c>. A secret: from the
    /// environment, never logged. Needed outside Development; in Development, without it, a random one is kept in <c>signing.key</c> in the data folder.
    /// </summary>
    public string? SigningKey { get; set; }

    /// <summary>The key before this one, whose tokens are still good: for an hour after a change of keys.</summary>
    public string? PreviousSigningKey { get; set; }

    /// <summary>What tokens say that they are from (<c>iss</c>); others are refused.</summary>
    [Required, StringLength(200)]
    public string Issuer { get; set; } = "streaming";

    /// <summary>What tokens say that they are for (<c>aud</c>); others are refused.</summary>
    [Required, StringLength(200)]
    public string Audience { get; set; } = "streaming";

    /// <summary>Minutes that an access token lives. No longer than an hour: silos remember bans and ended sessions for that.</summary>
    [Range(1, 60)]
    public int TokenMinutes { get; set; } = 60;

    /// <summary>Milliseconds between two times that a front asks what has become of accounts, sessions and API keys.</summary>
    [Range(50, 30_000)]
    public int AccessPollMilliseconds { get; set; } = 5_000;
}
