using Orleans.Concurrency;

namespace Streaming.Health;

/// <summary>Reentrant: all callers share the silo's one report.</summary>
[StatelessWorker(1), Reentrant]
internal sealed class ClusterHealthGrain(IHealthSource health) : Grain, IClusterHealthGrain
{
    public Task<ServiceHealth> GetAsync() => health.GetAsync();
}
