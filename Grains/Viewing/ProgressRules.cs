namespace Streaming.Viewing;

/// <summary>The published rules of progress: what was watched, where to resume, what is a view.</summary>
internal static class ProgressRules
{
    // A player tells the length of what it has loaded: a trailer, an advertisement, a first piece. Cuts of one title differ by less.
    private const double LeastPart = 0.25;

    /// <summary>A viewing's first moment, before its first heartbeat has counted anything.</summary>
    public static ViewingPeriod Begin(DateTimeOffset now, int watchedBefore, ViewingOptions options) =>
        new(now, now, watchedBefore, options.SeekToleranceSeconds, OwedSeconds: 0);

    /// <summary>
    /// Seconds watched by a heartbeat, and the period after it. The way forward counts as far as the server's clock allows
    /// it: a token bucket that fills at the fastest speed and holds one tolerance, so that a period never has more than that
    /// speed times its time, and one tolerance. What a first heartbeat that comes late is owed is paid as the clock goes on.
    /// A jump further than playback reaches is a seek and counts the time that passed; going back counts nothing.
    /// </summary>
    public static (int Watched, ViewingPeriod Period) Watch(ViewingPeriod period, int moved, bool isFirst, DateTimeOffset now, ViewingOptions options)
    {
        var passed = Math.Max(0, (now - period.LastHeartbeatAt).TotalSeconds);
        var allowed = period.AllowanceSeconds + (passed * options.FastestSpeed);
        var reach = isFirst ? Math.Max(options.PresenceSeconds, options.SeekToleranceSeconds) : (passed * options.FastestSpeed) + options.SeekToleranceSeconds;
        var played = moved <= 0 ? 0 : moved <= reach ? moved : (int)Math.Min(moved, passed);
        var watched = (int)Math.Min((double)played + period.OwedSeconds, allowed);
        return (watched, period with
        {
            LastHeartbeatAt = now > period.LastHeartbeatAt ? now : period.LastHeartbeatAt,
            AllowanceSeconds = Math.Min(options.SeekToleranceSeconds, allowed - watched),
            OwedSeconds = Math.Min(options.PresenceSeconds, played + period.OwedSeconds - watched),
        });
    }

    /// <summary>Whether a viewing is a view: enough watched, in at least the time that the fastest speed takes for it.</summary>
    /// <param name="titleSeconds">By the catalogue; 0 where it does not know.</param>
    public static bool Qualifies(int watchedSeconds, TimeSpan elapsed, int titleSeconds, ViewingOptions options)
    {
        var enough = titleSeconds > 0 ? Math.Min(options.QualifyingSeconds, titleSeconds * options.QualifyingFraction) : options.QualifyingSeconds;
        return watchedSeconds >= enough && elapsed.TotalSeconds * options.FastestSpeed >= enough;
    }

    /// <summary>
    /// Where to resume, after a heartbeat: "watched" is never cleared; hardly begun or finished resumes at the start. Where
    /// the length is not known, nothing of that is judged. A player's duration that is much less than the catalogue's finishes
    /// nothing: then the catalogue's does.
    /// </summary>
    /// <param name="titleSeconds">By the catalogue; 0 where it does not know.</param>
    public static ResumePosition Resume(ProgressReport report, int titleSeconds, bool watchedBefore, DateTimeOffset at, ViewingOptions options)
    {
        if (report.DurationSeconds <= 0)
            return new ResumePosition(report.ContentId, report.PositionSeconds, 0, watchedBefore, at);

        var part = (double)report.PositionSeconds / report.DurationSeconds;
        var isPartOnly = report.DurationSeconds < titleSeconds * LeastPart;
        var finished = (isPartOnly ? (double)report.PositionSeconds / titleSeconds : part) > options.WatchedAfter;
        var position = finished || part < options.ForgetBefore ? 0 : report.PositionSeconds;
        return new ResumePosition(report.ContentId, position, report.DurationSeconds, finished || watchedBefore, at);
    }

    /// <summary>
    /// The title after a heartbeat of a session. A position that is older, or has not moved, changes nothing. A session
    /// that has not qualified does not take another's position back, it only moves it forward.
    /// </summary>
    public static TitleProgress Next(TitleProgress? title, ResumePosition reported, Guid sessionId, bool moved, bool qualified)
    {
        if (title is null || title.IsForgotten)
        {
            return title is not null && (!moved || reported.UpdatedAt < title.Resume.UpdatedAt)
                ? title
                : new TitleProgress(reported, sessionId, title?.ViewedAt);
        }

        var isTheirs = qualified || title.SessionId == sessionId;
        var current = title.Resume;
        if (reported.UpdatedAt < current.UpdatedAt || !moved || !(isTheirs || reported.PositionSeconds > current.PositionSeconds))
            return title with { Resume = current with { Watched = current.Watched || reported.Watched } };

        var taken = reported with
        {
            DurationSeconds = reported.DurationSeconds > 0 ? reported.DurationSeconds : current.DurationSeconds,
            Watched = current.Watched || reported.Watched,
        };
        return title with { Resume = taken, SessionId = isTheirs ? sessionId : Guid.Empty };
    }

    /// <summary>The period of a qualified view: one view a viewer, title and period.</summary>
    public static long Period(DateTimeOffset qualifiedAt, ViewingOptions options) =>
        qualifiedAt.ToUnixTimeSeconds() / (options.QualifyingPeriodHours * 3600L);
}
