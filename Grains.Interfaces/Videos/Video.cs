namespace Streaming.Videos;

/// <summary>An uploaded video that plays, or that was deleted and can still be restored.</summary>
/// <param name="Bytes">Length of its file.</param>
/// <param name="DeletedAt">When it was deleted; null while it plays.</param>
/// <param name="RemovedAt">When a deleted one is gone for good; null while it plays.</param>
/// <param name="DurationSeconds">Null while unknown: nothing here could tell.</param>
[GenerateSerializer, Immutable, Alias("video")]
public sealed record Video(
    [property: Id(0)] Guid VideoId,
    [property: Id(1)] Guid UserId,
    [property: Id(2)] string Title,
    [property: Id(3)] VideoFormat Format,
    [property: Id(4)] long Bytes,
    [property: Id(5)] DateTimeOffset UploadedAt,
    [property: Id(6)] DateTimeOffset? DeletedAt = null,
    [property: Id(7)] DateTimeOffset? RemovedAt = null,
    [property: Id(8)] double? DurationSeconds = null)
{
    /// <summary>A title has 1 to so many characters.</summary>
    public const int MaxTitle = 255;

    public double Megabytes => Bytes / (double)QuotaLimits.BytesPerMegabyte;
}

/// <summary>A file that was uploaded whole, and is in the media store.</summary>
[GenerateSerializer, Immutable, Alias("new-video")]
public sealed record NewVideo(
    [property: Id(0)] Guid VideoId,
    [property: Id(1)] Guid UserId,
    [property: Id(2)] string Title,
    [property: Id(3)] VideoFormat Format,
    [property: Id(4)] long Bytes);
