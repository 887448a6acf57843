using System.ComponentModel.DataAnnotations;

namespace Streaming.Silo.Telemetry;

/// <summary>
/// Section <c>Telemetry</c>, for silos and fronts: metrics for Prometheus. Traces, metrics and logs go to a collector by the <c>OTEL_</c>
/// variables of OpenTelemetry.
/// </summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>Port on which this program answers <c>/metrics</c>, and nothing else; 0 opens none. 9464 by convention.</summary>
    [Range(0, 65_535)]
    public int PrometheusPort { get; set; }

    /// <summary>
    /// The IP address to listen on for it: <c>0.0.0.0</c> or <c>::</c> for every interface. Loopback unless it is set, since whoever
    /// reaches it reads without saying who they are.
    /// </summary>
    [Required, StringLength(45)]
    public string PrometheusAddress { get; set; } = "127.0.0.1";
}
