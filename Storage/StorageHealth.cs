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
                    health.AddServers(services.GetRequiredService<ServerConnections>(), services.GetRequiredService<OrleansServers>());
                else
                    health.AddEmbedded(services.GetRequiredService<EmbeddedDatabase>());
            });
        return checks;
    }

    private static void AddServers(this HealthCheckServiceOptions health, ServerConnections servers, OrleansServers orleans)
    {
        var probes = new ServerProbes(servers, orleans);
        health.Add("metadata", critical: true, probes.MetadataAsync);
        health.Add("analytics", critical: true, probes.AnalyticsAsync);
        health.Add("orleans", critical: false, probes.OrleansAsync);
        health.Add("mongodb", critical: false, probes.MongoAsync);
        if (servers.AnalyticsReplica is not null)
            health.Add("analytics_replica", critical: false, probes.AnalyticsReplicaAsync);

        if (servers.HasRedis)
            health.Add("redis", critical: false, probes.RedisAsync);
    }

    private static void AddEmbedded(this HealthCheckServiceOptions health, EmbeddedDatabase database)
    {
        Add("journal", () => database.Journal);
        Add("metadata", () => database.Metadata);
        Add("analytics", () => database.Analytics);
        Add("reviews", () => database.Reviews);

        void Add(string name, Func<SqliteFile> file) => health.Add(name, critical: true, token => file().PingAsync(token));
    }

    private static void Add(this HealthCheckServiceOptions health, string name, bool critical, Func<CancellationToken, Task> probe) =>
        health.Registrations.Add(new HealthCheckRegistration(
            name, new Probe(probe), failureStatus: critical ? HealthStatus.Unhealthy : HealthStatus.Degraded, tags: critical ? [HealthTags.Critical] : [])
        {
            Timeout = Timeout,
        });

    private sealed class Probe(Func<CancellationToken, Task> probe) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            try
            {
                // Not every driver watches the token in every state.
                await probe(cancellationToken).WaitAsync(cancellationToken);
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
