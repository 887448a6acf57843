using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront;

/// <summary>Entity tags, and whether a client has what it asks for already (RFC 9110, 13).</summary>
internal static class Validators
{
    /// <summary>For what is sent byte by byte as it is rendered, never compressed.</summary>
    public static string? Strong(ulong version) => version == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"\"{version:x16}\"");

    /// <summary>With numbers that change more often than the rest. Null while the version is not known.</summary>
    public static string? Weak(ulong version, long first, long second) =>
        version == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"W/\"{version:x16}-{first:x}-{second:x}\"");

    public static string Weak(ReadOnlySpan<byte> content, ReadOnlySpan<byte> rest = default) =>
        string.Create(CultureInfo.InvariantCulture, $"W/\"{ContentVersion.Of(content, rest):x16}\"");

    /// <summary>Of a GET or HEAD that would be answered 200. A tag that the client sends decides alone; one that cannot be read is none.</summary>
    public static bool IsCurrent(HttpRequest request, string tag, DateTimeOffset? lastModified)
    {
        var tags = request.Headers.IfNoneMatch;
        if (tags.Count == 0)
            return lastModified is not null && request.Headers.IfModifiedSince.Count > 0 && IsUnchanged(request, lastModified.Value);

        if (tags.Count == 1 && tags[0] == tag)
            return true;

        if (!EntityTagHeaderValue.TryParseList(tags, out var known))
            return false;

        var opaque = Opaque(tag);
        foreach (var candidate in known)
        {
            // By the weak comparison, whichever of the two is weak.
            if (candidate.Tag == "*" || candidate.Tag.AsSpan().SequenceEqual(opaque))
                return true;
        }

        return false;
    }

    /// <summary>The header knows whole seconds.</summary>
    private static bool IsUnchanged(HttpRequest request, DateTimeOffset lastModified) =>
        HeaderUtilities.TryParseDate(request.Headers.IfModifiedSince.ToString(), out var since) && lastModified.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();

    private static ReadOnlySpan<char> Opaque(string tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag.AsSpan(2) : tag;
}
