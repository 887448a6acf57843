namespace Streaming.Videos;

/// <summary>What an administrator has set for one person; null is what the service gives to everybody (<see cref="QuotaOptions"/>).</summary>
[GenerateSerializer, Immutable, Alias("quota-overrides")]
public sealed record QuotaOverrides(
    [property: Id(0)] long? StorageBytes = null,
    [property: Id(1)] long? DailyUploadBytes = null,
    [property: Id(2)] long? DailyDownloadBytes = null);

/// <summary>What holds for a person.</summary>
/// <param name="DailyDownloadBytes">Null: without limit.</param>
[GenerateSerializer, Immutable, Alias("quota-limits")]
public sealed record QuotaLimits(
    [property: Id(0)] long StorageBytes,
    [property: Id(1)] long DailyUploadBytes,
    [property: Id(2)] long? DailyDownloadBytes)
{
    /// <summary>A megabyte of all limits and sizes, as the system before had it.</summary>
    public const long BytesPerMegabyte = 1_048_576;
}

/// <summary>How a person stands.</summary>
/// <param name="StoredBytes">Of videos that are not deleted.</param>
/// <param name="UploadedBytes">Of videos uploaded in this UTC day, deleted ones included.</param>
/// <param name="DownloadedBytes">Sent to the person in this UTC day.</param>
/// <param name="ReservedBytes">For uploads under way; not in the numbers before.</param>
/// <param name="Uploads">Uploads under way.</param>
/// <param name="ResetsAt">When both numbers of the day begin again at 0.</param>
[GenerateSerializer, Immutable, Alias("quota-usage")]
public sealed record QuotaUsage(
    [property: Id(0)] QuotaLimits Limits,
    [property: Id(1)] QuotaOverrides Overrides,
    [property: Id(2)] long StoredBytes,
    [property: Id(3)] long UploadedBytes,
    [property: Id(4)] long DownloadedBytes,
    [property: Id(5)] long ReservedBytes,
    [property: Id(6)] int Uploads,
    [property: Id(7)] DateTimeOffset ResetsAt);
