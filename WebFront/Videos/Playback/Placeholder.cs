namespace Streaming.WebFront.Videos;

/// <summary>Drawn where a video has no image.</summary>
internal static class Placeholder
{
    public const string ContentType = "image/svg+xml";

    /// <summary>Once the video was looked at: an image may still come, when it is looked at by a later version.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private static readonly byte[] Drawing = """
        <svg xmlns="http://www.w3.org/2000/svg" width="640" height="360" viewBox="0 0 640 360">
          <rect width="640" height="360" fill="#1c2430"/>
          <circle cx="320" cy="180" r="56" fill="none" stroke="#8fa3bf" stroke-width="6"/>
          <path d="M304 150 354 180 304 210z" fill="#8fa3bf"/>
        </svg>
        """u8.ToArray();

    public static Stream Open() => new MemoryStream(Drawing, writable: false);
}
