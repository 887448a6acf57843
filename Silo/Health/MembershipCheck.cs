using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Streaming.Silo.Health;

/// <summary>Whether this silo is an active member of its cluster, as it knows itself.</summary>
internal sealed class MembershipCheck(ISiloStatusOracle membership) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(membership.CurrentStatus == SiloStatus.Active
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, $"This silo is {membership.CurrentStatus}."));
}
