using System.ComponentModel.DataAnnotations;

namespace Streaming.Viewing;

/// <summary>Section <c>Viewing</c>, for silos: the published rules of views, progress and trends.</summary>
public sealed class ViewingOptions
{
    public const string Section = "Viewing";

    /// <summary>Seconds that a session must have watched to be a view.</summary>
    [Range(1, 3600)]
    public int QualifyingSeconds { get; set; } = 10;

    /// <summary>The part of a title's length that is enough where that is shorter.</summary>
    [Range(0.01, 1.0)]
    public double QualifyingFraction { get; set; } = 0.5;

    /// <summary>The fastest playback that counts; a view takes at least the time that this speed takes for it.</summary>
    [Range(1, 10)]
    public double FastestSpeed { get; set; } = 2;

    /// <summary>Minutes without a heartbeat after which a session's next one begins another viewing, which is a view of its own.</summary>
    [Range(1, 1440)]
    public int SessionPauseMinutes { get; set; } = 30;

    /// <summary>Sessions of one user that may become views within the time that a view takes at least.</summary>
    [Range(1, 10_000)]
    public int ParallelSessions { get; set; } = 16;

    /// <summary>A viewer's further sessions of a title count once in each such period, UTC.</summary>
    [Range(1, 24)]
    public int QualifyingPeriodHours { get; set; } = 1;

    /// <summary>Under this part of the length, which is not more than the one after which a title is watched, the position is forgotten.</summary>
    [Range(0.0, 1.0)]
    public double ForgetBefore { get; set; } = 0.05;

    /// <summary>Over this part of the length the title is watched.</summary>
    [Range(0.0, 1.0)]
    public double WatchedAfter { get; set; } = 0.9;

    /// <summary>
    /// Seconds that a session may run ahead of the clock, once; a jump that is further than playback between two heartbeats
    /// by more than this is a seek.
    /// </summary>
    [Range(0, 300)]
    public int SeekToleranceSeconds { get; set; } = 15;

    /// <summary>
    /// Seconds without a heartbeat after which a session watches no more, and so also how late its first one may come and
    /// still be playback.
    /// </summary>
    [Range(5, 3600)]
    public int PresenceSeconds { get; set; } = 60;

    /// <summary>Seconds between two computations of a trending list.</summary>
    [Range(1, 3600)]
    public int TrendingRefreshSeconds { get; set; } = 5;

    /// <summary>Seconds between two times that what has been watched goes to <c>trending_daily</c>.</summary>
    [Range(1, 3600)]
    public int WatchTimeSeconds { get; set; } = 15;
}
