using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Videos;

/// <summary>How many bytes of a file a request asks for, where they come from elsewhere.</summary>
internal static partial class RequestedBytes
{
    private const string Unit = "bytes";

    /// <summary>More than any file has, in as many digits as a number can have here.</summary>
    private const string Beyond = "999999999999999999";

    /// <summary>
    /// Leaves of a request's <c>Range</c> what the framework reads as it is meant: ranges are for GET and in bytes, all else is as if it were not there (RFC 9110, 14.2).
    /// The framework takes any unit for bytes, and a number beyond 63 bits for no range.
    /// </summary>
    public static void Tidy(HttpRequest request)
    {
        var range = request.Headers.Range;
        if (range.Count == 0)
            return;

        var text = range.ToString();
        var unit = text.AsSpan(0, Math.Max(0, text.IndexOf('=', StringComparison.Ordinal)));
        if (!HttpMethods.IsGet(request.Method) || range.Count > 1 || !unit.Equals(Unit, StringComparison.OrdinalIgnoreCase))
            request.Headers.Remove(HeaderNames.Range);
        else if (text.Length > Beyond.Length)
            request.Headers.Range = LongNumber().Replace(text, static number => number.Value.TrimStart('0') is { Length: < 19 } rest ? rest.PadLeft(1, '0') : Beyond);
    }

    /// <summary>
    /// Leaves the range where <c>If-Range</c> names the file as it is: by its tag, or by the very moment of its last change (RFC 9110, 13.1.5). Anything else
    /// is another file, or no condition that can be told, and then the whole is sent. The framework takes what it cannot read for no condition.
    /// </summary>
    public static void ApplyCondition(HttpRequest request, EntityTagHeaderValue tag, DateTimeOffset lastModified)
    {
        var condition = request.Headers.IfRange;
        if (condition.Count == 0)
            return;

        var text = condition.ToString();
        var isSame = condition.Count == 1
            && (tag.Tag.Equals(text, StringComparison.Ordinal)
                || (HeaderUtilities.TryParseDate(text, out var moment) && moment.ToUnixTimeSeconds() == lastModified.ToUnixTimeSeconds()));
        if (!isSame)
            request.Headers.Remove(HeaderNames.Range);

        request.Headers.Remove(HeaderNames.IfRange);
    }

    /// <summary>All of it unless there is exactly one range, as those who serve ranges read it. None for a range that is not in the file.</summary>
    public static long Of(RangeHeaderValue? range, long length)
    {
        if (range is null || !range.Unit.Equals(Unit, StringComparison.OrdinalIgnoreCase) || range.Ranges.Count != 1)
            return length;

        var asked = range.Ranges.Single();
        return asked.From is { } from ? Math.Max(0, Math.Min(asked.To ?? length - 1, length - 1) - from + 1) : Math.Min(asked.To ?? length, length);
    }

    [GeneratedRegex("[0-9]{19,}", RegexOptions.CultureInvariant)]
    private static partial Regex LongNumber();
}
