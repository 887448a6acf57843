using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Content;
using Streaming.Viewing;

namespace Streaming.Users;

internal sealed partial class UserGrain(
    IUserStore users,
    IActivityStore activity,
    ActivityLedger ledger,
    ViewLedgerClient views,
    IGrainFactory grains,
    IOptions<ViewingOptions> options,
    TimeProvider time,
    ILogger<UserGrain> logger) : Grain, IUserGrain
{
    private const int NewestHistory = 10;

    // A receipt lives for 24 hours; a view that could not be recorded for so long would count twice if it was there.
    private static readonly TimeSpan ViewRetry = TimeSpan.FromHours(23);
    private static readonly TimeSpan PresenceTimeout = TimeSpan.FromSeconds(1);

    private readonly ProgressCache cache = new();
    private readonly Queue<DateTimeOffset> qualified = [];
    private HistoryPage? newest;
    private bool exists;

    private Guid UserId => this.GetPrimaryKey();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        exists = (await users.GetUsernamesAsync([UserId], cancellationToken)).Count > 0;
        if (!exists)
            this.DeactivateSoon(DeactivateOnIdle);
    }

    public async Task<HistoryPage> GetHistoryAsync(int limit, PageCursor? before, Freshness freshness, CancellationToken cancellationToken)
    {
        if (!exists)
            return new HistoryPage([], null);

        var isNewest = before is null && limit == NewestHistory;
        if (isNewest && newest is not null)
            return newest;

        var page = await activity.GetHistoryAsync(UserId, limit, before, freshness, cancellationToken);
        // A page that may lag is never kept: the user must see what they wrote.
        if (isNewest && freshness == Freshness.Latest)
            newest = page;

        return page;
    }

    public async Task<ResumePosition?> GetProgressAsync(Guid contentId, CancellationToken cancellationToken) =>
        exists ? await activity.GetResumePositionAsync(UserId, contentId, cancellationToken) : null;

    public async Task<ImmutableArray<ResumePosition>> GetContinueWatchingAsync(int limit, CancellationToken cancellationToken) =>
        exists ? [.. await activity.GetContinueWatchingAsync(UserId, limit, cancellationToken)] : [];

    public async Task<ProgressResult> RecordProgressAsync(ProgressReport report)
    {
        if (!exists)
            return Failed(Outcome.Refused, ProgressRejection.UnknownUser);

        if (await CallRetry.AskAsync(grains.GetGrain<IContentGrain>(report.ContentId), static title => title.GetLengthAsync()) is not { } length)
            return Failed(Outcome.Refused, ProgressRejection.UnknownTitle);

        var id = Receipts.ForSession(UserId, report.ContentId, report.Session);
        var last = cache.Find(id) ?? await activity.GetSessionAsync(UserId, id, CancellationToken.None);
        var title = cache.FindTitle(report.ContentId) ?? last?.Title ?? await activity.GetTitleAsync(UserId, report.ContentId, CancellationToken.None);
        var session = Next(report, length, id, last, title);
        var outcome = await ledger.WriteAsync(session);
        newest = null;
        if (outcome != Outcome.Committed)
        {
            // What the store holds is unknown, so the next heartbeat reads it again.
            cache.DropTitle(session.ContentId);
            return Failed(outcome);
        }

        cache.Keep(session);
        await TellPresenceAsync(report, id);
        var countedBefore = session.ViewRecorded;
        if (IsPending(session))
            (session, countedBefore) = await RecordViewAsync(session, isNew: last?.QualifiedAt != session.QualifiedAt);

        return new ProgressResult(Outcome.Committed, session.Resume, session.DurationWatchedSeconds, session.ViewRecorded, countedBefore);
    }

    public async Task<bool> ForgetProgressAsync(Guid contentId)
    {
        if (!exists)
            return false;

        var sessions = cache.SessionsOf(contentId);
        cache.DropTitle(contentId);
        newest = null;
        await activity.ForgetPositionAsync(UserId, contentId, time.GetUtcNow(), CancellationToken.None);
        foreach (var session in sessions)
            await LeaveAsync(contentId, session);

        return true;
    }

    public Task ForgetAsync()
    {
        (exists, newest) = (false, null);
        cache.Clear();
        this.DeactivateSoon(DeactivateOnIdle);
        return Task.CompletedTask;
    }

    /// <summary>The session's state after the heartbeat, which is not in memory before it is on disk.</summary>
    private SessionProgress Next(ProgressReport report, int length, Guid id, SessionProgress? last, TitleProgress? title)
    {
        var (rules, now) = (options.Value, time.GetUtcNow());
        var at = MadeAt(report, now, last, title);
        // One that comes after a later one of its session has nothing to say.
        if (last is not null && at < last.WatchedAt)
            return last with { Title = title! };

        // A view that waits for the ledger holds its period open.
        var isFirst = last is null || (now - last.Period.LastHeartbeatAt >= TimeSpan.FromMinutes(rules.SessionPauseMinutes) && !IsPending(last));
        var duration = report.DurationSeconds > 0 ? report.DurationSeconds : length;
        var position = duration > 0 ? Math.Min(report.PositionSeconds, duration) : report.PositionSeconds;
        var (watched, period) = ProgressRules.Watch(
            isFirst ? ProgressRules.Begin(now, last?.DurationWatchedSeconds ?? 0, rules) : last!.Period,
            position - (last?.LastPositionSeconds ?? title?.Resume.PositionSeconds ?? 0),
            isFirst, now, rules);
        var session = new SessionProgress(
            id, UserId, report.ContentId, at, watched + (last?.DurationWatchedSeconds ?? 0), position,
            isFirst ? null : last!.QualifiedAt, !isFirst && last!.ViewRecorded, period, title!);
        if (session.QualifiedAt is null && ProgressRules.Qualifies(session.WatchedInPeriod, now - period.StartedAt, length, rules) && MayQualify(now))
            session = session with { QualifiedAt = now };

        // What an earlier period has left is another's.
        var before = isFirst && title?.SessionId == id ? title with { SessionId = Guid.Empty } : title;
        var reported = ProgressRules.Resume(report with { PositionSeconds = position, DurationSeconds = duration }, length, watchedBefore: false, at, rules);
        return session with
        {
            Title = ProgressRules.Next(before, reported, id, last is null || position != last.LastPositionSeconds, session.QualifiedAt is not null),
        };
    }

    /// <summary>
    /// When the heartbeat was made. A player's clock that is ahead is taken for ours; one without a clock is of now, and so
    /// never before what was written, though another silo's clock may have been ahead.
    /// </summary>
    private static DateTimeOffset MadeAt(ProgressReport report, DateTimeOffset now, SessionProgress? last, TitleProgress? title)
    {
        if (report.WatchedAt is { } watchedAt)
            return watchedAt < now ? watchedAt : now;

        var written = new[] { last?.WatchedAt, title?.Resume.UpdatedAt }.Max() ?? now;
        return written > now ? written : now;
    }

    /// <summary>
    /// Sessions of one user that become views in the time that a view takes at least: who plays on more screens than
    /// anybody has waits, and counts with a later heartbeat. Kept in memory: a bound, and not what a view is.
    /// </summary>
    private bool MayQualify(DateTimeOffset now)
    {
        var rules = options.Value;
        while (qualified.TryPeek(out var oldest) && (now - oldest).TotalSeconds * rules.FastestSpeed >= rules.QualifyingSeconds)
            qualified.Dequeue();

        if (qualified.Count >= rules.ParallelSessions)
            return false;

        qualified.Enqueue(now);
        return true;
    }

    private bool IsPending(SessionProgress session) =>
        session is { QualifiedAt: { } qualifiedAt, ViewRecorded: false } && time.GetUtcNow() - qualifiedAt < ViewRetry;

    /// <summary>
    /// Records the period's view. Its receipt hangs on the moment it qualified, which is on disk: when this fails, or
    /// the silo dies in between, the next heartbeat repeats it and the ledger counts it once.
    /// </summary>
    private async Task<(SessionProgress Session, bool CountedBefore)> RecordViewAsync(SessionProgress session, bool isNew)
    {
        // Of two activations that judged at the same time, what the first has written holds.
        var qualifiedAt = (isNew ? await activity.GetSessionAsync(UserId, session.SessionId, CancellationToken.None) : null)?.QualifiedAt ?? session.QualifiedAt!.Value;
        var hour = ProgressRules.Period(qualifiedAt, options.Value);
        var countedBefore = session.Title.ViewedAt is { } viewedAt && ProgressRules.Period(viewedAt, options.Value) == hour;
        if (!countedBefore && (await views.RecordAsync(session.ContentId, 1, Receipts.ForQualifiedView(UserId, session.ContentId, hour))).Outcome != Outcome.Committed)
            return (session, false);

        var latest = session.Title.ViewedAt is { } earlier && earlier > qualifiedAt ? earlier : qualifiedAt;
        var recorded = session with { QualifiedAt = qualifiedAt, ViewRecorded = true, Title = session.Title with { ViewedAt = latest } };
        cache.Keep(recorded);
        // At once, so that a restart does not ask the ledger again. Where it fails, the next heartbeat repeats it.
        if (await ledger.WriteAsync(recorded) != Outcome.Committed)
            cache.DropTitle(recorded.ContentId);

        return (recorded, countedBefore);
    }

    private async Task TellPresenceAsync(ProgressReport report, Guid sessionId)
    {
        if (report.Stopped)
            await LeaveAsync(report.ContentId, sessionId);
        else if (report.WatchedAt is not { } watchedAt || time.GetUtcNow() - watchedAt < TimeSpan.FromSeconds(options.Value.PresenceSeconds))
            _ = grains.GetGrain<IPresenceGrain>(report.ContentId).HeardAsync(sessionId);
    }

    /// <summary>Who asks afterwards does not find the session any more; where that cannot be told, it ends by itself a minute later.</summary>
    private async Task LeaveAsync(Guid contentId, Guid sessionId)
    {
        try
        {
            await grains.GetGrain<IPresenceGrain>(contentId).LeftAsync(sessionId).WaitAsync(PresenceTimeout, time);
        }
        catch (Exception e)
        {
            LogNotLeft(logger, e.GetType().Name);
        }
    }

    private static ProgressResult Failed(Outcome outcome, ProgressRejection rejection = ProgressRejection.None) => new(outcome, null, 0, false, false, rejection);

    [LoggerMessage(LogLevel.Debug, "That a session ended could not be told to who watches now ({Reason}); it ends there by itself.")]
    private static partial void LogNotLeft(ILogger logger, string reason);
}
