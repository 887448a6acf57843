using Streaming.Health;
using Streaming.Silo.Health;

namespace Streaming.WebFront;

/// <summary>
/// The health of a front without a silo: the report of one that answers, asked for at most once a second whoever asks.
/// </summary>
internal sealed class ClientHealth : IHealthSource
{
    private const string Cluster = "cluster";

    // Keys go to different gateways.
    private const int Keys = 64;
    private const int MaxAttempts = 2;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly IGrainFactory grains;
    private readonly TimeProvider time;
    private readonly LatestHealth latest;

    public ClientHealth(IGrainFactory grains, TimeProvider time)
    {
        (this.grains, this.time) = (grains, time);
        latest = new LatestHealth(AskAsync, time);
    }

    public Task<ServiceHealth> GetAsync() => latest.GetAsync();

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
            catch (Exception)
            {
                // The next one may answer.
            }
        }

        var cluster = new DependencyHealth(Cluster, health is null ? DependencyStatus.Down : DependencyStatus.Up, Critical: true);
        return new ServiceHealth(health is null ? [cluster] : health.Dependencies.Insert(0, cluster));
    }
}
