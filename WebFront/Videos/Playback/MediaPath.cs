using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>The last segment of a media URL: a video's id and what of it is asked for. The only names there are.</summary>
internal readonly record struct MediaPath(Guid VideoId, MediaKind Kind)
{
    private const int IdLength = 36;

    public static bool TryRead(string file, out MediaPath path)
    {
        path = default;
        if (file.Length <= IdLength || !RequestValues.IsId(file[..IdLength], out var videoId))
            return false;

        MediaKind? kind = file[IdLength..] switch
        {
            ".mp4" => MediaKind.Video,
            ".jpg" => MediaKind.Image,
            _ => null,
        };
        path = new MediaPath(videoId, kind.GetValueOrDefault());
        return kind is not null;
    }
}
