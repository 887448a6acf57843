namespace Streaming;

/// <summary>When a background loop runs its rounds, and how long one may take.</summary>
/// <param name="Name">In health and metrics, in snake_case.</param>
/// <param name="Interval">From the beginning of a round to that of the next; rounds never overlap.</param>
public sealed record LoopSchedule(string Name, TimeSpan Interval)
{
    private static readonly TimeSpan ShortPause = TimeSpan.FromSeconds(5);

    /// <summary>Before the first round; the interval, if not set.</summary>
    public TimeSpan FirstAfter { get; init; } = Interval;

    /// <summary>After the first failure in a row; it doubles with each further one.</summary>
    public TimeSpan FirstPause { get; init; } = Interval < ShortPause ? Interval : ShortPause;

    /// <summary>The pause grows to this.</summary>
    public TimeSpan LastPause { get; init; } = Interval > ShortPause ? Interval : ShortPause;

    /// <summary>Then a round's token is cancelled; a round that goes on all the same is told as one that hangs.</summary>
    public TimeSpan RoundTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the first round that succeeds is the last.</summary>
    public bool EndsWithSuccess { get; init; }

    /// <summary>Past this without a round that succeeded, the loop is told as late.</summary>
    public TimeSpan MaxSilence => Interval + LastPause + RoundTimeout;

    /// <param name="failures">In a row; at least one.</param>
    internal TimeSpan PauseAfter(int failures)
    {
        var pause = FirstPause;
        for (var i = 1; i < failures && pause > TimeSpan.Zero && pause < LastPause; i++)
            pause *= 2;

        return pause < LastPause ? pause : LastPause;
    }
}

/// <summary>What has become of a background loop.</summary>
/// <param name="LastSuccess">When a round ended well last; null when none has yet.</param>
/// <param name="Failures">Rounds in a row that failed since.</param>
/// <param name="IsLate">No round has ended well for longer than the loop's schedule allows: each fails, or one hangs.</param>
public sealed record LoopState(string Name, DateTimeOffset? LastSuccess, int Failures, bool IsLate);
