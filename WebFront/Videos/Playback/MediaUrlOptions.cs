using System.ComponentModel.DataAnnotations;

namespace Streaming.WebFront.Videos;

/// <summary>Section <c>Media</c>, for fronts: URLs of media.</summary>
public sealed class MediaUrlOptions
{
    public const string Section = "Media";

    /// <summary>
    /// Signs the URLs of media; the same in all fronts, and another than <c>Auth:SigningKey</c>. At least 32 bytes, as text or as
    /// <c>base64:…</c>. A secret: from the environment, never logged. Needed outside Development; in Development, without it, a random
    /// one is kept in <c>media.key</c> in the data folder.
    /// </summary>
    public string? SigningKey { get; set; }

    /// <summary>The key before this one, whose URLs are still good: for as long as a URL is, after a change of keys.</summary>
    public string? PreviousSigningKey { get; set; }

    /// <summary>
    /// Where browsers reach the fronts: the URLs of media begin with it. http or https, with a path where a proxy needs one.
    /// Needed outside Development; in Development, without it, the first address that the front listens on.
    /// </summary>
    public string? PublicBaseUrl { get; set; }

    /// <summary>Minutes that a URL is good, at least: up to five minutes more, so that it stays the same for so long.</summary>
    [Range(1, 7 * 24 * 60)]
    public int UrlMinutes { get; set; } = 240;
}
