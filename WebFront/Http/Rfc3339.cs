using System.Globalization;
using System.Text.RegularExpressions;

namespace Streaming.WebFront;

/// <summary>Moments as RFC 3339 writes them: with any number of digits of a second, cut after seven, and an offset.</summary>
internal static partial class Rfc3339
{
    private const int MaxLength = 64;

    public static DateTimeOffset? Parse(string? text)
    {
        if (text is not { Length: <= MaxLength } || Form().Match(text) is not { Success: true } parts)
            return null;

        var fraction = parts.Groups["fraction"].Value;
        var seconds = parts.Groups["seconds"].Value;
        // A leap second is the last moment of its minute.
        if (seconds == "60")
            (seconds, fraction) = ("59", "9999999");

        var digits = (fraction.Length > 7 ? fraction[..7] : fraction).PadRight(7, '0');
        var zone = parts.Groups["zone"].Value.ToUpperInvariant();
        return DateTimeOffset.TryParseExact(
            $"{parts.Groups["date"].Value}T{parts.Groups["minutes"].Value}:{seconds}.{digits}{zone}",
            "yyyy-MM-dd'T'HH:mm:ss.fffffffK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : null;
    }

    [GeneratedRegex(
        @"^(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<minutes>[0-9]{2}:[0-9]{2}):(?<seconds>[0-9]{2})(\.(?<fraction>[0-9]+))?(?<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
