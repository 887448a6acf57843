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

    /// <summary>Sessions of one person that may become views within the time that a view takes at least.</summary>
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

/// <summary>Section <c>Ledger</c>, for silos: bounds of the view ledger and the activity ledger.</summary>
public sealed class LedgerOptions
{
    public const string Section = "Ledger";

    /// <summary>Milliseconds between two apply steps.</summary>
    [Range(10, 60_000)]
    public int ApplyIntervalMilliseconds { get; set; } = 1_000;

    /// <summary>The longest that it may become while apply steps take more than a fiftieth of the time, in milliseconds; where it is set, not less than the above.</summary>
    [Range(10, 60_000)]
    public int MaxApplyIntervalMilliseconds { get; set; } = 12_000;

    /// <summary>Seconds between two looks for journals of dead silos, where no change of the membership asks for one earlier.</summary>
    [Range(1, 600)]
    public int SweepIntervalSeconds { get; set; } = 10;

    /// <summary>Megabytes that may wait for their commit in memory; beyond, requests are answered 503.</summary>
    [Range(1, 1_024)]
    public int MaxWaitingMegabytes { get; set; } = 16;

    /// <summary>Seconds that a commit may take before further requests are answered 503.</summary>
    [Range(1, 60)]
    public int MaxWaitingSeconds { get; set; } = 2;

    /// <summary>The longest pause before a commit, in milliseconds, to let a larger batch form; 0 for none.</summary>
    [Range(0, 20)]
    public int MaxGapMilliseconds { get; set; } = 1;

    /// <summary>Journal entries that may wait to be applied; beyond, requests are answered 503.</summary>
    [Range(1_000, 100_000_000)]
    public long MaxUnappliedEntries { get; set; } = 4_000_000;

    /// <summary>Receipts that a silo keeps in memory to answer repeated keys at once; older ones are met in the store.</summary>
    [Range(0, 10_000_000)]
    public int MaxReceiptsInMemory { get; set; } = 100_000;

    /// <summary>Seconds that a caller waits for its batch before it is told that the outcome is unknown.</summary>
    [Range(1, 25)]
    public int MaxCommitWaitSeconds { get; set; } = 5;
}
