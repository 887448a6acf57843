namespace Streaming.Videos;

/// <summary>Kinds of files that are taken as videos, told by their first bytes. Stored by their numbers: never renumber.</summary>
public enum VideoFormat
{
    Mp4 = 1,
    QuickTime = 2,
    WebM = 3,
    Matroska = 4,
    Avi = 5,
    MpegTransport = 6,
    MpegProgram = 7,
    FlashVideo = 8,
    Ogg = 9,
    WindowsMedia = 10,

    /// <summary>An elementary stream (<c>.m2v</c>, <c>.m1v</c>).</summary>
    MpegVideo = 11,
}

public static class VideoFormats
{
    /// <summary>As the replaced system named it in an upload's answer, and as a file's extension.</summary>
    public static string Name(this VideoFormat format) => format switch
    {
        VideoFormat.Mp4 => "mp4",
        VideoFormat.QuickTime => "mov",
        VideoFormat.WebM => "webm",
        VideoFormat.Matroska => "mkv",
        VideoFormat.Avi => "avi",
        VideoFormat.MpegTransport => "ts",
        VideoFormat.MpegProgram => "mpg",
        VideoFormat.FlashVideo => "flv",
        VideoFormat.Ogg => "ogv",
        VideoFormat.WindowsMedia => "wmv",
        VideoFormat.MpegVideo => "m2v",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    public static string ContentType(this VideoFormat format) => format switch
    {
        VideoFormat.Mp4 => "video/mp4",
        VideoFormat.QuickTime => "video/quicktime",
        VideoFormat.WebM => "video/webm",
        VideoFormat.Matroska => "video/x-matroska",
        VideoFormat.Avi => "video/x-msvideo",
        VideoFormat.MpegTransport => "video/mp2t",
        VideoFormat.MpegProgram or VideoFormat.MpegVideo => "video/mpeg",
        VideoFormat.FlashVideo => "video/x-flv",
        VideoFormat.Ogg => "video/ogg",
        VideoFormat.WindowsMedia => "video/x-ms-wmv",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
