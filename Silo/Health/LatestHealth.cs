using Streaming.Health;

namespace Streaming.Silo.Health;

/// <summary>Asks at most once a second, whoever wants to know: probes must not load what they look at.</summary>
public sealed class LatestHealth(Func<Task<ServiceHealth>> ask, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    /// <summary>Each check has a time-out of its own, which on a machine without processor to spare comes late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly ServiceHealth NoAnswer = new([new DependencyHealth("process", DependencyStatus.Down, Critical: true)]);

    private readonly Lock gate = new();
    private Task<ServiceHealth>? latest;
    private long askedAt;

    /// <summary>Not ready where the question is not answered in time.</summary>
    public async Task<ServiceHealth> GetAsync()
    {
        try
        {
            return await Latest().WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            return NoAnswer;
        }
    }

    private Task<ServiceHealth> Latest()
    {
        lock (gate)
        {
            if (latest is null || (latest.IsCompleted && time.GetElapsedTime(askedAt) > MaxAge))
            {
                askedAt = time.GetTimestamp();
                latest = Task.Run(ask);
            }

            return latest;
        }
    }
}
