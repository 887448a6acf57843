using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>One viewing session in a user's history.</summary>
/// <param name="WatchedAt">When the session last sent a heartbeat.</param>
/// <param name="DurationWatchedSeconds">Time really watched; seeking does not count.</param>
/// <param name="LastPositionSeconds">Where playback stood.</param>
/// <param name="Watched">Whether the user has ever finished the title.</param>
[GenerateSerializer, Immutable, Alias("watched-title")]
public sealed record WatchedTitle(
    [property: Id(0)] string Username,
    [property: Id(1)] string Title,
    [property: Id(2)] DateTimeOffset WatchedAt,
    [property: Id(3)] int DurationWatchedSeconds,
    [property: Id(4)] Guid ContentId,
    [property: Id(5)] int LastPositionSeconds,
    [property: Id(6)] bool Watched);

/// <summary>What a read must see.</summary>
public enum Freshness
{
    /// <summary>All that was written before it.</summary>
    Latest,

    /// <summary>May miss the last seconds, and so may come from a replica.</summary>
    MayLag,
}

/// <param name="Next">Cursor of the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("history-page")]
public sealed record HistoryPage([property: Id(0)] ImmutableArray<WatchedTitle> Titles, [property: Id(1)] PageCursor? Next);

/// <summary>Where to resume a title.</summary>
/// <param name="PositionSeconds">0 when the start is the right place: hardly begun, or finished.</param>
[GenerateSerializer, Immutable, Alias("resume-position")]
public sealed record ResumePosition(
    [property: Id(0)] Guid ContentId,
    [property: Id(1)] int PositionSeconds,
    [property: Id(2)] int DurationSeconds,
    [property: Id(3)] bool Watched,
    [property: Id(4)] DateTimeOffset UpdatedAt);

/// <summary>A player's heartbeat.</summary>
/// <param name="PositionSeconds">Where playback stands, 0 to 48 h; past the end is the end.</param>
/// <param name="DurationSeconds">Length of the title as the player knows it, up to 48 h; 0 where it does not.</param>
/// <param name="Session">The player's name for this playback, 1 to 128 characters.</param>
/// <param name="WatchedAt">When it was made, by the player's clock; null for now.</param>
/// <param name="Stopped">Whether playback has ended, so that the session is over.</param>
[GenerateSerializer, Immutable, Alias("progress-report")]
public sealed record ProgressReport(
    [property: Id(0)] Guid ContentId,
    [property: Id(1)] int PositionSeconds,
    [property: Id(2)] int DurationSeconds,
    [property: Id(3)] string Session,
    [property: Id(4)] DateTimeOffset? WatchedAt = null,
    [property: Id(5)] bool Stopped = false);

/// <summary>Why progress will not be saved, however often it is sent.</summary>
public enum ProgressRejection
{
    None,
    UnknownUser,
    UnknownTitle,
}

/// <param name="Outcome">Sending it again is safe when it is unknown.</param>
/// <param name="ViewCounted">Whether the view of this session's period has been counted, now or before.</param>
/// <param name="CountedBefore">Whether it had been counted before this heartbeat.</param>
[GenerateSerializer, Immutable, Alias("progress-result")]
public sealed record ProgressResult(
    [property: Id(0)] Outcome Outcome,
    [property: Id(1)] ResumePosition? Resume,
    [property: Id(2)] int DurationWatchedSeconds,
    [property: Id(3)] bool ViewCounted,
    [property: Id(4)] bool CountedBefore,
    [property: Id(5)] ProgressRejection Rejection = ProgressRejection.None);
