using System.Globalization;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>What a quota refuses, in the words of the system before, with the person's own limit.</summary>
internal static class QuotaProblems
{
    public static Problem StorageExceeded(long limitBytes) =>
        new(StatusCodes.Status400BadRequest, $"Exceeding total storage limit of {Megabytes(limitBytes)}MB");

    public static Problem DailyUploadExceeded(long limitBytes) =>
        new(StatusCodes.Status400BadRequest, $"Exceeding daily bandwidth limit of {Megabytes(limitBytes)} MB");

    public static Problem Busy() => Problem.Unavailable("The quota is being changed by other requests; nothing was done. Try again soon.");

    private static string Megabytes(long bytes) => (bytes / (decimal)QuotaLimits.BytesPerMegabyte).ToString("0.##", CultureInfo.InvariantCulture);
}
