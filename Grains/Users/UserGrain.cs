using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Streaming.Content;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;

namespace Streaming.Users;

internal sealed class UserGrain(
    IUserStore users,
    IActivityStore activity,
    ActivityLedger ledger,
    ViewRecorder views,
    IGrainFactory grains,
    IOptions<ViewingOptions> options,
    TimeProvider time) : Grain, IUserGrain
{
    private const int NewestHistory = 10;
    private const int MaxSessions = 8;

    // A receipt lives for 24 hours; a view that could not be recorded for so long would count twice if it was there.
    private static readonly TimeSpan ViewRetry = TimeSpan.FromHours(23);

    private readonly Dictionary<Guid, SessionProgress> sessions = [];
    private HistoryPage? newest;
    private bool exists;

    private Guid UserId => this.GetPrimaryKey();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        exists = (await users.GetUsernamesAsync([UserId], cancellationToken)).Count > 0;
        if (!exists)
            this.EndSoon(DeactivateOnIdle);
    }

    public async Task<HistoryPage> GetHistoryAsync(int limit, PageCursor? before, Freshness freshness)
    {
        if (!exists)
            return new HistoryPage([], null);

        var isNewest = before is null && limit == NewestHistory;
        if (isNewest && newest is not null)
            return newest;

        var page = await activity.GetHistoryAsync(UserId, limit, before, freshness, CancellationToken.None);
        // A page that may lag is never kept: the person must see what they wrote.
        if (isNewest && freshness == Freshness.Latest)
            newest = page;

        return page;
    }

    public async Task<ResumePosition?> GetProgressAsync(Guid contentId) =>
        exists ? await activity.GetResumePositionAsync(UserId, contentId, CancellationToken.None) : null;

    public async Task<ImmutableArray<ResumePosition>> GetContinueWatchingAsync(int limit) =>
        exists ? [.. await activity.GetContinueWatchingAsync(UserId, limit, CancellationToken.None)] : [];

    public async Task<ProgressResult> RecordProgressAsync(ProgressReport report)
    {
        if (!exists)
            return Failed(ProgressStatus.UnknownUser);

        if (!await grains.GetGrain<IContentGrain>(report.ContentId).ExistsAsync())
            return Failed(ProgressStatus.UnknownTitle);

        var session = await NextAsync(report);
        var outcome = await ledger.WriteAsync(session);
        newest = null;
        if (outcome != BatchOutcome.Committed)
        {
            // What the store holds is unknown, so the next heartbeat reads it again.
            sessions.Remove(session.SessionId);
            return Failed(outcome == BatchOutcome.NotRecorded ? ProgressStatus.Busy : ProgressStatus.Unknown);
        }

        Keep(session);
        _ = grains.GetGrain<IPresenceGrain>(report.ContentId).HeardAsync(session.SessionId);
        if (session is { QualifiedAt: { } qualifiedAt, ViewRecorded: false } && session.WatchedAt - qualifiedAt < ViewRetry)
            session = await RecordViewAsync(session, qualifiedAt);

        return new ProgressResult(ProgressStatus.Saved, session.Resume, session.DurationWatchedSeconds, session.ViewRecorded);
    }

    public Task ForgetAsync()
    {
        (exists, newest) = (false, null);
        sessions.Clear();
        this.EndSoon(DeactivateOnIdle);
        return Task.CompletedTask;
    }

    /// <summary>The session's state after the heartbeat, which is not in memory before it is on disk.</summary>
    private async Task<SessionProgress> NextAsync(ProgressReport report)
    {
        var rules = options.Value;
        var now = time.GetUtcNow();
        var id = Receipts.ForSession(UserId, report.ContentId, report.Session);
        if (!sessions.TryGetValue(id, out var last))
            last = await activity.GetSessionAsync(UserId, id, CancellationToken.None);

        var before = last?.Resume ?? await GetProgressAsync(report.ContentId);
        // Another session may have finished the title since this one's last heartbeat.
        var watchedBefore = before?.Watched is true || sessions.Values.Any(s => s.ContentId == report.ContentId && s.Resume.Watched);
        var from = last?.LastPositionSeconds ?? before?.PositionSeconds ?? 0;
        var elapsed = last is null ? TimeSpan.Zero : now - last.WatchedAt;
        var watched = (last?.DurationWatchedSeconds ?? 0) + ProgressRules.WatchedSeconds(from, report.PositionSeconds, elapsed, rules);
        var qualifiedAt = last?.QualifiedAt ?? (ProgressRules.Qualifies(watched, report.DurationSeconds, rules) ? now : null);
        return new SessionProgress(
            id, UserId, report.ContentId, now, watched, report.PositionSeconds, qualifiedAt, last?.ViewRecorded ?? false,
            ProgressRules.Resume(report, watchedBefore, now, rules));
    }

    /// <summary>
    /// Records the session's view. Its receipt hangs on the moment it qualified, which is on disk: when this fails, or
    /// the silo dies in between, the next heartbeat repeats it and the ledger counts it once.
    /// </summary>
    private async Task<SessionProgress> RecordViewAsync(SessionProgress session, DateTimeOffset qualifiedAt)
    {
        var receipt = Receipts.ForQualifiedView(UserId, session.ContentId, ProgressRules.Period(qualifiedAt, options.Value));
        var result = await views.RecordAsync(session.ContentId, 1, receipt);
        if (result.Status != RecordStatus.Recorded)
            return session;

        var recorded = session with { ViewRecorded = true };
        Keep(recorded);
        return recorded;
    }

    private void Keep(SessionProgress session)
    {
        sessions[session.SessionId] = session;
        if (sessions.Count > MaxSessions)
            sessions.Remove(sessions.Values.MinBy(s => s.WatchedAt)!.SessionId);
    }

    private static ProgressResult Failed(ProgressStatus status) => new(status, null, 0, false);
}
