using System.Globalization;
using Microsoft.Extensions.Hosting;
using Streaming.Tests.Http;
using Streaming.Tests.Processes;

namespace Streaming.Tests.Telemetry;

/// <summary>The program with all of its telemetry: a trace is recorded where its caller's is, and no other.</summary>
public sealed class TelemetryApplication : StreamingApplication
{
    /// <summary>Where logs go, unlike the rest.</summary>
    public const string LogsPath = "/v1/of-logs";

    private readonly CollectorDouble collector;

    public TelemetryApplication()
        : this(CollectorDouble.Start(), LoopbackPort.Take())
    {
    }

    private TelemetryApplication(CollectorDouble collector, int port)
        : base(
            Environments.Development,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", collector.Address + LogsPath),
            ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
            ("Telemetry:PrometheusPort", port.ToString(CultureInfo.InvariantCulture))) =>
        (this.collector, MetricsAddress) = (collector, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));

    public Uri MetricsAddress { get; }

    internal CollectorDouble Collector => collector;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await collector.DisposeAsync();
    }
}
