namespace Streaming.Viewing;

/// <summary>State of one viewing session: a row of <c>user_watch_history</c> and the title's row of <c>resume_positions</c>.</summary>
/// <param name="SessionId">See <see cref="Receipts.ForSession"/>.</param>
/// <param name="WatchedAt">When its newest heartbeat was made.</param>
/// <param name="DurationWatchedSeconds">Of all its periods.</param>
/// <param name="QualifiedAt">When the period had watched enough to be a view; null before.</param>
/// <param name="ViewRecorded">Whether that view is in the ledger.</param>
public sealed record SessionProgress(
    Guid SessionId,
    Guid UserId,
    Guid ContentId,
    DateTimeOffset WatchedAt,
    int DurationWatchedSeconds,
    int LastPositionSeconds,
    DateTimeOffset? QualifiedAt,
    bool ViewRecorded,
    ViewingPeriod Period,
    TitleProgress Title)
{
    public ResumePosition Resume => Title.Resume;

    /// <summary>Seconds that the period has watched.</summary>
    public int WatchedInPeriod => DurationWatchedSeconds - Period.WatchedBeforeSeconds;

    /// <summary>Up to where its time is watched in views, once it is one.</summary>
    public int CreditedSeconds => QualifiedAt is null ? 0 : DurationWatchedSeconds;
}

/// <summary>What of a session lies between two long pauses, by the servers' clock.</summary>
/// <param name="StartedAt">Its first heartbeat; a later one begins another period.</param>
/// <param name="LastHeartbeatAt">Its last heartbeat.</param>
/// <param name="WatchedBeforeSeconds">What the session had watched in earlier periods.</param>
/// <param name="AllowanceSeconds">What may still be watched ahead of the clock.</param>
/// <param name="OwedSeconds">Played and not counted yet, because the clock did not allow it.</param>
public sealed record ViewingPeriod(DateTimeOffset StartedAt, DateTimeOffset LastHeartbeatAt, int WatchedBeforeSeconds, double AllowanceSeconds, int OwedSeconds);

/// <summary>A user's progress in one title, over all sessions.</summary>
/// <param name="SessionId">Whose position it is; empty where a session that had not qualified moved another's forward, null before there were owners.</param>
/// <param name="ViewedAt">When the last view of it qualified that is in the ledger.</param>
/// <param name="IsForgotten">Removed by the user; what stays says when, so that older heartbeats do not bring it back.</param>
public sealed record TitleProgress(ResumePosition Resume, Guid? SessionId, DateTimeOffset? ViewedAt, bool IsForgotten = false);

/// <summary>A row of <c>user_watch_history</c> as it is.</summary>
/// <param name="QualifiedAt">When the session had watched enough to be a view; null before.</param>
public sealed record WatchedSession(
    Guid SessionId,
    Guid ContentId,
    DateTimeOffset WatchedAt,
    int DurationWatchedSeconds,
    int LastPositionSeconds,
    DateTimeOffset? QualifiedAt);
