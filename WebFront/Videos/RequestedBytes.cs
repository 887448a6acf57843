using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Videos;

/// <summary>How many bytes of a file a request asks for, where they come from elsewhere.</summary>
internal static class RequestedBytes
{
    /// <summary>All of it unless there is exactly one range, as those who serve ranges read it. None for a range that is not in the file.</summary>
    public static long Of(RangeHeaderValue? range, long length)
    {
        if (range is null || !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase) || range.Ranges.Count != 1)
            return length;

        var asked = range.Ranges.Single();
        return asked.From is { } from ? Math.Max(0, Math.Min(asked.To ?? length - 1, length - 1) - from + 1) : Math.Min(asked.To ?? length, length);
    }
}
