namespace Streaming.Videos;

/// <summary>What an administrator has set for one user; null is what the service gives to everybody (<see cref="QuotaOptions"/>).</summary>
[GenerateSerializer, Immutable, Alias("quota-overrides")]
public sealed record QuotaOverrides(
    [property: Id(0)] long? StorageBytes = null,
    [property: Id(1)] long? DailyUploadBytes = null,
    [property: Id(2)] long? DailyDownloadBytes = null,
    [property: Id(3)] int? Videos = null);

/// <summary>What holds for a user.</summary>
/// <param name="DailyDownloadBytes">Null: without limit.</param>
/// <param name="Videos">How many that are not deleted.</param>
[GenerateSerializer, Immutable, Alias("quota-limits")]
public sealed record QuotaLimits(
    [property: Id(0)] long StorageBytes,
    [property: Id(1)] long DailyUploadBytes,
    [property: Id(2)] long? DailyDownloadBytes,
    [property: Id(3)] int Videos)
{
    /// <summary>What a video counts at least, in every sum that a limit is held against: rows, names and blocks of a disk are not free either.</summary>
    public const long MinCharge = 4_096;

    /// <summary>A megabyte of all limits and sizes, as the replaced system had it.</summary>
    public const long BytesPerMegabyte = 1_048_576;

    public static long Charge(long bytes) => Math.Max(bytes, MinCharge);
}

/// <summary>How a user stands.</summary>
/// <param name="StoredBytes">Of videos that are not deleted.</param>
/// <param name="UploadedBytes">Of videos uploaded in this UTC day, deleted ones included.</param>
/// <param name="DownloadedBytes">Sent to the user in this UTC day.</param>
/// <param name="ReservedBytes">For uploads under way; not in the numbers before.</param>
/// <param name="Uploads">Uploads under way.</param>
/// <param name="ResetsAt">When both numbers of the day begin again at 0.</param>
/// <param name="StoredCharge">The same as <paramref name="StoredBytes"/>, each video with <see cref="QuotaLimits.MinCharge"/> at least: what the limit is held against.</param>
/// <param name="UploadedCharge">The same of <paramref name="UploadedBytes"/>.</param>
/// <param name="Videos">How many are not deleted.</param>
[GenerateSerializer, Immutable, Alias("quota-usage")]
public sealed record QuotaUsage(
    [property: Id(0)] QuotaLimits Limits,
    [property: Id(1)] QuotaOverrides Overrides,
    [property: Id(2)] long StoredBytes,
    [property: Id(3)] long UploadedBytes,
    [property: Id(4)] long DownloadedBytes,
    [property: Id(5)] long ReservedBytes,
    [property: Id(6)] int Uploads,
    [property: Id(7)] DateTimeOffset ResetsAt,
    [property: Id(8)] long StoredCharge = 0,
    [property: Id(9)] long UploadedCharge = 0,
    [property: Id(10)] int Videos = 0);
