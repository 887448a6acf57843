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
