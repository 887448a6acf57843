using System.Diagnostics.Metrics;
using Streaming.Health;

namespace Streaming.Silo.Health;

/// <summary>What <c>/health/ready</c> says of the dependencies, as metrics: meter <c>Streaming.Health</c>.</summary>
public sealed class HealthMetrics
{
    public const string MeterName = "Streaming.Health";
    private const string NameTag = "streaming.dependency.name";
    private const string CriticalTag = "streaming.dependency.critical";

    private readonly IHealthSource health;
    private readonly IHostApplicationLifetime program;
    private volatile ServiceHealth? latest;
    private int asking;

    public HealthMetrics(IHealthSource health, IMeterFactory meters, IHostApplicationLifetime program)
    {
        (this.health, this.program) = (health, program);
        meters.Create(MeterName).CreateObservableGauge(
            "streaming.dependency.up", Measure, "{dependency}", "1 while what the program needs is up, else 0, by streaming.dependency.name and streaming.dependency.critical; a measurement says what the one before it found.");
    }

    private IEnumerable<Measurement<int>> Measure()
    {
        // Everything is down before the start and after the stop.
        if (!program.ApplicationStarted.IsCancellationRequested || program.ApplicationStopping.IsCancellationRequested)
            return [];

        // Whoever measures must not wait for a store that hangs.
        if (Interlocked.Exchange(ref asking, 1) == 0)
            _ = AskAsync();

        return latest is not { } known ? [] : known.Dependencies.Select(dependency => new Measurement<int>(
            dependency.Status == DependencyStatus.Up ? 1 : 0,
            KeyValuePair.Create<string, object?>(NameTag, dependency.Name), KeyValuePair.Create<string, object?>(CriticalTag, dependency.Critical)));
    }

    private async Task AskAsync()
    {
        await Task.Yield();
        try
        {
            latest = await health.GetAsync();
        }
        catch (Exception)
        {
            // Nobody can say.
            latest = null;
        }
        finally
        {
            Volatile.Write(ref asking, 0);
        }
    }
}
