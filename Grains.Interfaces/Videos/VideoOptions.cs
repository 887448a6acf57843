using System.ComponentModel.DataAnnotations;

namespace Streaming.Videos;

/// <summary>Section <c>Videos</c>, for silos: what becomes of deleted videos. See the fronts' section <c>Uploads</c> for how they come.</summary>
public sealed class VideoOptions
{
    public const string Section = "Videos";

    /// <summary>Hours that a deleted video can be restored; then its media are removed.</summary>
    [Range(0.0, 24 * 366)]
    public double GraceHours { get; set; } = 7 * 24;

    /// <summary>Seconds between two looks for media that are to be removed: of deleted videos, and of uploads that died.</summary>
    [Range(1, 3_600)]
    public int SweepSeconds { get; set; } = 30;

    /// <summary>Seconds before a removal of media that failed is tried again.</summary>
    [Range(1, 86_400)]
    public int RetrySeconds { get; set; } = 300;

    /// <summary>
    /// Seconds after which the media of an upload that died are removed a second time, in case a front that was only paused
    /// wrote them after the first.
    /// </summary>
    [Range(1, 86_400)]
    public int SecondLookSeconds { get; set; } = 3_600;
}
