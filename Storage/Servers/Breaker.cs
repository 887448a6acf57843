namespace Streaming.Storage.Servers;

/// <summary>
/// Lets calls to a server that is away fail at once: after a failure none is tried for a second, then one at a time,
/// until one succeeds. Without it each call would wait for the driver's time-out.
/// </summary>
internal sealed class Breaker(TimeProvider time)
{
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private bool open;
    private bool trying;
    private long failedAt;

    /// <summary>Whether a call may be tried; each that may ends in exactly one of the three methods below.</summary>
    public bool TryEnter()
    {
        // Read without the lock: a call that slips through while this changes is one that came a moment earlier.
        if (!Volatile.Read(ref open))
            return true;

        lock (gate)
        {
            if (open && (trying || time.GetElapsedTime(failedAt) < Pause))
                return false;

            trying = open;
            return true;
        }
    }

    /// <returns>Whether the server was away before.</returns>
    public bool Succeeded()
    {
        if (!Volatile.Read(ref open))
            return false;

        lock (gate)
        {
            var was = open;
            open = trying = false;
            return was;
        }
    }

    /// <returns>Whether this is the first failure since the last success.</returns>
    public bool Failed()
    {
        lock (gate)
        {
            var first = !open;
            (open, trying, failedAt) = (true, false, time.GetTimestamp());
            return first;
        }
    }

    /// <summary>The call told nothing of the server: its caller gave it up.</summary>
    public void Left()
    {
        lock (gate)
            trying = false;
    }
}
