namespace Streaming.Viewing;

/// <summary>The published rules of progress: what was watched, where to resume, what is a view.</summary>
internal static class ProgressRules
{
    /// <summary>
    /// Seconds watched between two heartbeats of a session: the way the position moved forward, as long as the clock
    /// allows it (at most double speed, plus a tolerance for late heartbeats); a larger jump is a seek and counts the
    /// time that passed. Going back counts nothing.
    /// </summary>
    public static int WatchedSeconds(int fromPosition, int toPosition, TimeSpan elapsed, ViewingOptions options)
    {
        var moved = toPosition - fromPosition;
        var passed = Math.Max(0, elapsed.TotalSeconds);
        if (moved <= 0)
            return 0;

        return moved <= (2 * passed) + options.SeekToleranceSeconds ? moved : (int)Math.Min(moved, passed);
    }

    /// <summary>Whether a session has watched enough to be a view.</summary>
    public static bool Qualifies(int watchedSeconds, int durationSeconds, ViewingOptions options) =>
        watchedSeconds >= Math.Min(options.QualifyingSeconds, durationSeconds * options.QualifyingFraction);

    /// <summary>Where to resume, after a heartbeat: "watched" is never cleared; hardly begun or finished resumes at the start.</summary>
    public static ResumePosition Resume(ProgressReport report, bool watchedBefore, DateTimeOffset now, ViewingOptions options)
    {
        var part = (double)report.PositionSeconds / report.DurationSeconds;
        var finished = part > options.WatchedAfter;
        var position = finished || part < options.ForgetBefore ? 0 : report.PositionSeconds;
        return new ResumePosition(report.ContentId, position, report.DurationSeconds, finished || watchedBefore, now);
    }

    /// <summary>The period of a qualified view: one view a viewer, title and period.</summary>
    public static long Period(DateTimeOffset qualifiedAt, ViewingOptions options) =>
        qualifiedAt.ToUnixTimeSeconds() / (options.QualifyingPeriodHours * 3600L);
}
