namespace Streaming.Videos;

/// <summary>An uploaded video that plays, or that was deleted and can still be restored.</summary>
/// <param name="Bytes">Length of its file.</param>
/// <param name="DeletedAt">When it was deleted; null while it plays.</param>
/// <param name="RemovedAt">When a deleted one is gone for good; null while it plays.</param>
/// <param name="DurationSeconds">Null while unknown: nothing here could tell.</param>
/// <param name="InspectedAt">When its file had been looked at; null until then.</param>
/// <param name="Playable">See <see cref="VideoInspection"/>, as the next two.</param>
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
    [property: Id(8)] double? DurationSeconds = null,
    [property: Id(9)] DateTimeOffset? InspectedAt = null,
    [property: Id(10)] bool? Playable = null,
    [property: Id(11)] string? Reason = null,
    [property: Id(12)] string? Codec = null)
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

/// <summary>What was found out about the file of a video.</summary>
/// <param name="Playable">Whether it is whole and its pictures can be decoded; null when it is unknown. Whether a certain player plays it depends on its format and codec.</param>
/// <param name="Reason">Why it is not, or why that is unknown; in words for people.</param>
/// <param name="Codec">Of its pictures, as the file names it: <c>avc1</c>, <c>hvc1</c>, <c>vp9</c>.</param>
/// <param name="DurationSeconds">Null where nothing tells.</param>
[GenerateSerializer, Immutable, Alias("video-inspection")]
public sealed record VideoInspection(
    [property: Id(0)] bool? Playable,
    [property: Id(1)] string? Reason = null,
    [property: Id(2)] string? Codec = null,
    [property: Id(3)] double? DurationSeconds = null);

/// <summary>A video whose file is to be looked at.</summary>
/// <param name="Attempt">From 1 on: how often that was begun.</param>
[GenerateSerializer, Immutable, Alias("waiting-video")]
public sealed record WaitingVideo(
    [property: Id(0)] Guid VideoId,
    [property: Id(1)] VideoFormat Format,
    [property: Id(2)] long Bytes,
    [property: Id(3)] int Attempt);
