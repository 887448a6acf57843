using Streaming.Health;

namespace Streaming.WebFront;

/// <summary>
/// The health of a front without a silo: the report of one that answers, asked for at most once a second whoever asks.
/// </summary>
internal sealed class ClientHealth(IGrainFactory grains, TimeProvider time) : IHealthSource
{
    private const string Cluster = "cluster";
    // Keys go to different gateways.
    private const int Keys = 64;
    private const int MaxAttempts = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
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
                latest = Task.Run(AskAsync);
            }

            return latest;
        }
    }

    /// <summary>One silo that is not ready does not make the front so: it may be the only one, that stops.</summary>
    private async Task<ServiceHealth> AskAsync()
    {
        ServiceHealth? health = null;
        for (var attempt = 0; attempt < MaxAttempts && health is not { IsReady: true }; attempt++)
        {
            try
            {
                health = await grains.GetGrain<IClusterHealthGrain>(Random.Shared.Next(Keys)).GetAsync().WaitAsync(Timeout, time);
            }
            catch (Exception e) when (e is TimeoutException or OrleansException)
            {
                // The next one may answer.
            }
        }

        var cluster = new DependencyHealth(Cluster, health is null ? DependencyStatus.Down : DependencyStatus.Up, Critical: true);
        return new ServiceHealth(health is null ? [cluster] : health.Dependencies.Insert(0, cluster));
    }
}
