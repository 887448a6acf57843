namespace Streaming.Silo;

/// <summary>
/// Whether this process stood still of late: paused, or without a processor. It then missed answers that were sent in time, and
/// cannot say of others that they are silent.
/// </summary>
internal sealed class ProcessorPauses : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>Half of the shortest time-out of a probe.</summary>
    private static readonly TimeSpan Pause = Interval + TimeSpan.FromMilliseconds(500);

    /// <summary>The probes that a pause may have spoilt are answered or given up after this.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(5);

    private readonly TimeProvider time;
    private readonly ITimer timer;
    private long tickedAt;
    private long pausedAt;

    public ProcessorPauses(TimeProvider time)
    {
        this.time = time;
        tickedAt = time.GetTimestamp();
        pausedAt = tickedAt - (long)(Recovery.TotalSeconds * time.TimestampFrequency);
        timer = time.CreateTimer(_ => Tick(), null, Interval, Interval);
    }

    /// <summary>A pause that goes on is not known of yet; whoever asks is at work again.</summary>
    public bool WereRecent
    {
        get
        {
            Tick();
            return time.GetElapsedTime(Volatile.Read(ref pausedAt)) < Recovery;
        }
    }

    public void Dispose() => timer.Dispose();

    private void Tick()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(Interlocked.Exchange(ref tickedAt, now), now) > Pause)
            Volatile.Write(ref pausedAt, now);
    }
}
