using System.Globalization;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>What a quota refuses, in the words of the replaced system, with the user's own limit.</summary>
internal static class QuotaProblems
{
    public static Problem StorageExceeded(long limitBytes) =>
        new(StatusCodes.Status400BadRequest, $"Exceeding total storage limit of {Megabytes(limitBytes)}MB") { Limit = "storage" };

    public static Problem TooManyVideos(long limit) =>
        new(StatusCodes.Status400BadRequest, string.Create(CultureInfo.InvariantCulture, $"Exceeding the limit of {limit} videos; delete some first.")) { Limit = "videos" };

    /// <param name="untilReset">Until the day's bandwidth begins again.</param>
    public static Problem DailyUploadExceeded(long limitBytes, TimeSpan untilReset) =>
        new(StatusCodes.Status400BadRequest, $"Exceeding daily bandwidth limit of {Megabytes(limitBytes)} MB")
        {
            Limit = "daily_upload",
            RetryAfter = Math.Max(1, (int)Math.Ceiling(untilReset.TotalSeconds)),
        };

    public static Problem DailyDownloadExceeded(DownloadAllowance allowance, DateTimeOffset now) => new(
        StatusCodes.Status429TooManyRequests,
        $"Exceeding daily download limit of {Megabytes(allowance.LimitBytes ?? 0)} MB; the day begins again at {allowance.ResetsAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}")
    {
        RetryAfter = Math.Max(1, (int)Math.Ceiling((allowance.ResetsAt - now).TotalSeconds)),
        Limit = "daily_download",
    };

    public static Problem Busy() => Problem.Unavailable("The quota is being changed by other requests; nothing was done. Try again soon.");

    private static string Megabytes(long bytes) => (bytes / (decimal)QuotaLimits.BytesPerMegabyte).ToString("0.##", CultureInfo.InvariantCulture);
}
