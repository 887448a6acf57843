using System.Text.Json.Serialization;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>A video that plays.</summary>
/// <param name="Filename">The same as the id: by it the other routes take the video.</param>
/// <param name="Filepath">Absolute address that plays it for who asked, for some hours, without a token; with <c>.jpg</c> in place of <c>.mp4</c> an image of it.</param>
/// <param name="DeletedAt">Null: it plays.</param>
/// <param name="SizeMb">Of 1,048,576 bytes.</param>
/// <param name="DurationSeconds">Null while unknown.</param>
/// <param name="Playable">Whether the file is whole and its pictures can be decoded; null until it was looked at, or where it is unknown. Whether a player plays it depends on format and codec.</param>
/// <param name="Reason">Why it is not playable, or why that is unknown.</param>
/// <param name="Codec">Of its pictures, as the file names it: `avc1`, `hvc1`, `vp9`.</param>
internal sealed record VideoRow(
    Guid Id,
    Guid UserId,
    string Filename,
    string Filepath,
    string Title,
    DateTimeOffset UploadedAt,
    DateTimeOffset? DeletedAt,
    double SizeMb,
    long SizeBytes,
    string Format,
    double? DurationSeconds,
    bool? Playable,
    string? Reason,
    string? Codec)
{
    public static VideoRow Of(Video video, string url) => new(
        video.VideoId, video.UserId, video.VideoId.ToString(), url, video.Title, video.UploadedAt, video.DeletedAt,
        video.Megabytes, video.Bytes, video.Format.Name(), video.DurationSeconds,
        video.Playable, video.Reason, video.Codec);
}

/// <param name="Total">Videos on all pages; left out where pages are asked for by cursor or limit.</param>
internal sealed record VideoList(VideoRow[] Videos, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total);

/// <summary>A deleted video that can still be restored. It does not play.</summary>
/// <param name="RemovedAt">Until then.</param>
internal sealed record DeletedVideoRow(
    Guid Id,
    Guid UserId,
    string Filename,
    string Title,
    DateTimeOffset UploadedAt,
    DateTimeOffset? DeletedAt,
    DateTimeOffset? RemovedAt,
    double SizeMb,
    long SizeBytes,
    string Format,
    double? DurationSeconds,
    bool? Playable,
    string? Reason,
    string? Codec)
{
    public static DeletedVideoRow Of(Video video) => new(
        video.VideoId, video.UserId, video.VideoId.ToString(), video.Title, video.UploadedAt, video.DeletedAt, video.RemovedAt,
        video.Megabytes, video.Bytes, video.Format.Name(), video.DurationSeconds,
        video.Playable, video.Reason, video.Codec);
}

internal sealed record DeletedVideoList(DeletedVideoRow[] Videos);
