using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Streaming.Silo.Telemetry;

/// <summary>
/// Listens from when it is made. At the end, when all else has stopped, it sends what is left, all signals at once: disposing of them
/// would wait for a collector that hangs with one after the other, past the time that a stop may take.
/// </summary>
internal sealed class TelemetryLifetime(IServiceProvider services) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly MeterProvider? metrics = services.GetService<MeterProvider>();
    private readonly TracerProvider? traces = services.GetService<TracerProvider>();
    private readonly LoggerProvider? logs = services.GetService<LoggerProvider>();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => metrics?.Shutdown((int)Patience.TotalMilliseconds), CancellationToken.None),
        Task.Run(() => traces?.Shutdown((int)Patience.TotalMilliseconds), CancellationToken.None),
        Task.Run(() => logs?.Shutdown((int)Patience.TotalMilliseconds), CancellationToken.None));
}
