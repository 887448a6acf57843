using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Streaming.Storage.Embedded;
using Streaming.Storage.Servers;

namespace Streaming.Storage;

/// <summary>Tags of health checks.</summary>
public static class HealthTags
{
    /// <summary>Nothing can be served without it.</summary>
    public const string Critical = "critical";
}

public static class StorageHealth
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1.5);

    /// <summary>A check for each database that the stores are on; those that are not configured have none.</summary>
    public static IHealthChecksBuilder AddStreamingStorage(this IHealthChecksBuilder checks)
    {
        checks.Services.AddOptions<HealthCheckServiceOptions>()
            .Configure<IOptions<StorageOptions>, IServiceProvider>((health, storage, services) =>
            {
                if (storage.Value.Family == StorageFamily.Servers)
                    health.AddServers(services, storage.Value);
                else
                    health.AddEmbedded(services.GetRequiredService<EmbeddedDatabase>(), services.GetRequiredService<TimeProvider>());
            });
        return checks;
    }

    private static void AddServers(this HealthCheckServiceOptions health, IServiceProvider services, StorageOptions storage)
    {
        var (servers, time) = (services.GetRequiredService<ServerConnections>(), services.GetRequiredService<TimeProvider>());
        var probes = new ServerProbes(servers, services.GetRequiredService<OrleansServers>(), TimeSpan.FromSeconds(storage.ReplicaMaxLagSeconds), time);
        // Without users the catalogue is served and views are recorded on: a balancer must not take that away.
        health.Add("metadata", critical: true, probes.MetadataAsync, time);
        health.Add("analytics", critical: false, probes.AnalyticsAsync, time);
        health.Add("orleans", critical: false, probes.OrleansAsync, time);
        health.Add("mongodb", critical: false, probes.MongoAsync, time);
        if (servers.AnalyticsReplica is not null)
            health.Add("analytics_replica", critical: false, probes.AnalyticsReplicaAsync, time);

        if (servers.HasRedis)
            health.Add("redis", critical: false, probes.RedisAsync, time);
    }

    private static void AddEmbedded(this HealthCheckServiceOptions health, EmbeddedDatabase database, TimeProvider time)
    {
        Add("journal", critical: true, () => database.Journal);
        Add("metadata", critical: true, () => database.Metadata);
        Add("analytics", critical: false, () => database.Analytics);
        Add("reviews", critical: false, () => database.Reviews);

        void Add(string name, bool critical, Func<SqliteFile> file) => health.Add(name, critical, token => file().ProbeAsync(token), time);
    }

    private static void Add(this HealthCheckServiceOptions health, string name, bool critical, Func<CancellationToken, Task> ask, TimeProvider time)
    {
        var check = new Check(new StoreProbe(ask, time));
        health.Registrations.Add(new HealthCheckRegistration(
            name, check, failureStatus: critical ? HealthStatus.Unhealthy : HealthStatus.Degraded, tags: critical ? [HealthTags.Critical] : [])
        {
            Timeout = Timeout,
        });
    }

    private sealed class Check(StoreProbe probe) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                await probe.TryAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, $"No answer within {Timeout.TotalSeconds} s.");
            }
            catch (Exception e)
            {
                return new HealthCheckResult(context.Registration.FailureStatus, exception: e);
            }
        }
    }
}
