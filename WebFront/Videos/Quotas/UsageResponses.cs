using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>How full a user's storage is, named as the replaced system named it. A megabyte has 1,048,576 bytes.</summary>
/// <param name="TotalSizeMb">Of videos that are not deleted.</param>
/// <param name="UsagePercentage">With two decimals.</param>
/// <param name="ReservedBytes">For uploads under way, which are not in the total yet.</param>
/// <param name="Uploads">Uploads under way.</param>
/// <param name="ChargedBytes">What the limit is held against: as the total, each video with 4,096 bytes at least.</param>
/// <param name="Videos">How many are not deleted.</param>
/// <param name="MaxVideos">How many there may be.</param>
internal sealed record StorageUsage(
    [property: JsonPropertyName("totalSizeMb")] double TotalSizeMb,
    [property: JsonPropertyName("maxStorageMb")] double MaxStorageMb,
    [property: JsonPropertyName("usagePercentage")] string UsagePercentage,
    [property: JsonPropertyName("totalSizeBytes")] long TotalSizeBytes,
    [property: JsonPropertyName("maxStorageBytes")] long MaxStorageBytes,
    [property: JsonPropertyName("reservedBytes")] long ReservedBytes,
    [property: JsonPropertyName("uploads")] int Uploads,
    [property: JsonPropertyName("chargedBytes")] long ChargedBytes,
    [property: JsonPropertyName("videos")] int Videos,
    [property: JsonPropertyName("maxVideos")] int MaxVideos)
{
    public static StorageUsage Of(QuotaUsage usage) => new(
        Megabytes.Of(usage.StoredBytes), Megabytes.Of(usage.Limits.StorageBytes), Percentage(usage.StoredBytes, usage.Limits.StorageBytes),
        usage.StoredBytes, usage.Limits.StorageBytes, usage.ReservedBytes, usage.Uploads,
        usage.StoredCharge, usage.Videos, usage.Limits.Videos);

    // Of nothing, everything is used up.
    private static string Percentage(long used, long limit) =>
        (limit == 0 ? 100m : 100m * used / limit).ToString("F2", CultureInfo.InvariantCulture);
}

/// <summary>A user's bandwidth of the UTC day, uploads and downloads apart.</summary>
/// <param name="TotalUsageMb">Uploaded, what was deleted meanwhile included.</param>
/// <param name="IsThresholdExceeded">The limit is reached: nothing more can be uploaded before <paramref name="ResetsAt"/>.</param>
/// <param name="ReservedBytes">For uploads under way, which are not in the total yet.</param>
/// <param name="ResetsAt">When both begin again.</param>
/// <param name="ChargedBytes">What the limit is held against: as the total, each video with 4,096 bytes at least.</param>
internal sealed record DailyUsage(
    [property: JsonPropertyName("totalUsageMb")] double TotalUsageMb,
    [property: JsonPropertyName("dailyLimitMb")] double DailyLimitMb,
    [property: JsonPropertyName("isThresholdExceeded")] bool IsThresholdExceeded,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("totalUsageBytes")] long TotalUsageBytes,
    [property: JsonPropertyName("dailyLimitBytes")] long DailyLimitBytes,
    [property: JsonPropertyName("reservedBytes")] long ReservedBytes,
    [property: JsonPropertyName("downloads")] DailyDownloads Downloads,
    [property: JsonPropertyName("resetsAt")] DateTimeOffset ResetsAt,
    [property: JsonPropertyName("chargedBytes")] long ChargedBytes)
{
    public static DailyUsage Of(QuotaUsage usage)
    {
        var isReached = usage.UploadedCharge >= usage.Limits.DailyUploadBytes;
        return new DailyUsage(
            Megabytes.Of(usage.UploadedBytes), Megabytes.Of(usage.Limits.DailyUploadBytes), isReached,
            isReached ? "Daily bandwidth limit exceeded. No further uploads allowed." : "Bandwidth usage is within the daily limit.",
            usage.UploadedBytes, usage.Limits.DailyUploadBytes, usage.ReservedBytes, DailyDownloads.Of(usage), usage.ResetsAt,
            usage.UploadedCharge);
    }
}

/// <param name="DailyLimitMb">Null: without limit.</param>
/// <param name="DailyLimitBytes">The same.</param>
/// <param name="IsThresholdExceeded">The limit is reached: no video plays before the day is over.</param>
internal sealed record DailyDownloads(
    [property: JsonPropertyName("totalUsageMb")] double TotalUsageMb,
    [property: JsonPropertyName("dailyLimitMb")] double? DailyLimitMb,
    [property: JsonPropertyName("isThresholdExceeded")] bool IsThresholdExceeded,
    [property: JsonPropertyName("totalUsageBytes")] long TotalUsageBytes,
    [property: JsonPropertyName("dailyLimitBytes")] long? DailyLimitBytes)
{
    public static DailyDownloads Of(QuotaUsage usage) => new(
        Megabytes.Of(usage.DownloadedBytes), Megabytes.Of(usage.Limits.DailyDownloadBytes), usage.DownloadedBytes >= usage.Limits.DailyDownloadBytes,
        usage.DownloadedBytes, usage.Limits.DailyDownloadBytes);
}

/// <summary>Limits that are set, in megabytes of 1,048,576 bytes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow), AtLeastOne]
internal sealed record QuotaMegabytes
{
    /// <summary>Of all videos that are not deleted.</summary>
    [Range(0, 1_000_000)]
    public int? StorageMb { get; init; }

    /// <summary>Of a UTC day.</summary>
    [Range(0, 1_000_000)]
    public int? DailyUploadMb { get; init; }

    /// <summary>Of a UTC day.</summary>
    [Range(0, 100_000_000)]
    public int? DailyDownloadMb { get; init; }

    /// <summary>How many that are not deleted.</summary>
    [Range(0, 10_000_000)]
    public int? Videos { get; init; }

    public QuotaOverrides ToOverrides() => new(Megabytes.ToBytes(StorageMb), Megabytes.ToBytes(DailyUploadMb), Megabytes.ToBytes(DailyDownloadMb), Videos);
}

/// <summary>Limits as they hold, in megabytes of 1,048,576 bytes, of which there may be fractions.</summary>
/// <param name="StorageMb">Of all videos that are not deleted.</param>
/// <param name="DailyUploadMb">Of a UTC day.</param>
/// <param name="DailyDownloadMb">Of a UTC day.</param>
/// <param name="Videos">How many that are not deleted.</param>
internal sealed record MegabyteLimits(double? StorageMb, double? DailyUploadMb, double? DailyDownloadMb, int? Videos);

/// <summary>How a user stands, for administrators.</summary>
/// <param name="Limits">What holds for the user; a null is no limit.</param>
/// <param name="Overrides">What was set for the user alone; a null is what everybody has.</param>
/// <param name="StoredMb">Of videos that are not deleted.</param>
/// <param name="UploadedMb">In this UTC day.</param>
/// <param name="DownloadedMb">In this UTC day.</param>
/// <param name="ReservedMb">For uploads under way.</param>
/// <param name="Uploads">Uploads under way.</param>
/// <param name="ResetsAt">When the day is over.</param>
/// <param name="Videos">How many are not deleted.</param>
internal sealed record QuotaAnswer(
    Guid UserId,
    MegabyteLimits Limits,
    MegabyteLimits Overrides,
    double StoredMb,
    double UploadedMb,
    double DownloadedMb,
    double ReservedMb,
    int Uploads,
    DateTimeOffset ResetsAt,
    int Videos)
{
    public static QuotaAnswer Of(Guid userId, QuotaUsage usage) => new(
        userId,
        new MegabyteLimits(
            Megabytes.Of(usage.Limits.StorageBytes), Megabytes.Of(usage.Limits.DailyUploadBytes), Megabytes.Of(usage.Limits.DailyDownloadBytes),
            usage.Limits.Videos),
        new MegabyteLimits(
            Megabytes.Of(usage.Overrides.StorageBytes), Megabytes.Of(usage.Overrides.DailyUploadBytes), Megabytes.Of(usage.Overrides.DailyDownloadBytes),
            usage.Overrides.Videos),
        Megabytes.Of(usage.StoredBytes), Megabytes.Of(usage.UploadedBytes), Megabytes.Of(usage.DownloadedBytes), Megabytes.Of(usage.ReservedBytes),
        usage.Uploads, usage.ResetsAt, usage.Videos);
}

internal static class Megabytes
{
    public static double Of(long bytes) => bytes / (double)QuotaLimits.BytesPerMegabyte;

    public static double? Of(long? bytes) => bytes is { } count ? Of(count) : null;

    public static long? ToBytes(int? megabytes) => megabytes * QuotaLimits.BytesPerMegabyte;
}
