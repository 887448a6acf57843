using System.Collections.Immutable;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Streaming.Health;
using Streaming.Storage;

namespace Streaming.Silo.Health;

/// <summary>
/// The health of this silo and of what it needs, asked for at most once a second whoever asks. A change is logged once,
/// with its reason.
/// </summary>
internal sealed partial class SiloHealth : IHealthSource
{
    private readonly HealthCheckService checks;
    private readonly ILogger logger;
    private readonly LatestHealth latest;
    private readonly HashSet<string> down = [];

    public SiloHealth(HealthCheckService checks, TimeProvider time, ILogger<SiloHealth> logger)
    {
        (this.checks, this.logger) = (checks, logger);
        latest = new LatestHealth(CheckAsync, time);
    }

    public Task<ServiceHealth> GetAsync() => latest.GetAsync();

    private async Task<ServiceHealth> CheckAsync()
    {
        var report = await checks.CheckHealthAsync();
        var dependencies = ImmutableArray.CreateBuilder<DependencyHealth>(report.Entries.Count);
        foreach (var (name, entry) in report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var isUp = entry.Status == HealthStatus.Healthy;
            dependencies.Add(new DependencyHealth(name, isUp ? DependencyStatus.Up : DependencyStatus.Down, entry.Tags.Contains(HealthTags.Critical)));
            if (isUp && down.Remove(name))
                LogUp(logger, name);
            else if (!isUp && down.Add(name))
                LogDown(logger, name, entry.Exception?.Message ?? entry.Description);
        }

        return new ServiceHealth(dependencies.DrainToImmutable());
    }

    [LoggerMessage(LogLevel.Warning, "{Dependency} is down: {Reason}")]
    private static partial void LogDown(ILogger logger, string dependency, string? reason);

    [LoggerMessage(LogLevel.Information, "{Dependency} is up again.")]
    private static partial void LogUp(ILogger logger, string dependency);
}
