using Microsoft.Extensions.Options;

namespace Streaming.WebFront.Videos;

/// <summary>
/// URLs by which a video and its image can be had without a token, for some time: <c>&lt;video&gt;</c> and <c>&lt;img&gt;</c> send none.
/// </summary>
internal sealed class MediaUrls(MediaKeys keys, MediaAddress address, IOptions<MediaUrlOptions> options, TimeProvider time)
{
    public const string Path = "/media";

    /// <summary>A video's URL stays the same for so long, and browsers find what they keep under it.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(5);

    private readonly TimeSpan lifetime = TimeSpan.FromMinutes(options.Value.UrlMinutes);

    /// <summary>An absolute URL that ends in <c>.mp4</c>; with <c>.jpg</c> in its place it is the image's.</summary>
    /// <param name="subject">User id of who is charged for the bytes.</param>
    public string Of(Guid videoId, Guid subject)
    {
        var steps = (time.GetUtcNow() + lifetime - DateTimeOffset.UnixEpoch).Ticks / Step.Ticks;
        var signature = new MediaSignature(videoId, subject, DateTimeOffset.UnixEpoch + ((steps + 1) * Step));
        return $"{address.Text}{Path}/{signature.Write(keys.Current)}/{videoId:D}.mp4";
    }

    /// <summary>False for a signature that is not good for this video, or no longer.</summary>
    public bool TryRead(string signature, Guid videoId, out MediaSignature content) =>
        MediaSignature.TryRead(signature, videoId, keys, time.GetUtcNow(), out content);
}
