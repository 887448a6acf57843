using System.Text.Json.Serialization;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>A video that plays.</summary>
/// <param name="Filename">The same as the id: by it the other routes take the video.</param>
/// <param name="Filepath">Absolute address that plays it for who asked, for some hours, without a token; with <c>.jpg</c> in place of <c>.mp4</c> an image of it.</param>
/// <param name="DeletedAt">Null: it plays.</param>
/// <param name="SizeMb">Of 1,048,576 bytes.</param>
/// <param name="DurationSeconds">Null while unknown.</param>
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
    double? DurationSeconds)
{
    public static VideoRow Of(Video video, string url) => new(
        video.VideoId, video.UserId, video.VideoId.ToString(), url, video.Title, video.UploadedAt, video.DeletedAt,
        video.Megabytes, video.Bytes, video.Format.Name(), video.DurationSeconds);
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
    double? DurationSeconds)
{
    public static DeletedVideoRow Of(Video video) => new(
        video.VideoId, video.UserId, video.VideoId.ToString(), video.Title, video.UploadedAt, video.DeletedAt, video.RemovedAt,
        video.Megabytes, video.Bytes, video.Format.Name(), video.DurationSeconds);
}

internal sealed record DeletedVideoList(DeletedVideoRow[] Videos);
