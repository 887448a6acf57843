using Streaming.Health;

namespace Streaming.Silo.Health;

/// <summary>Asks at most once a second, whoever wants to know: probes must not load what they look at.</summary>
public sealed class LatestHealth(Func<Task<ServiceHealth>> ask, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private Task<ServiceHealth>? latest;
    private long askedAt;

    public Task<ServiceHealth> GetAsync()
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
