using System.Globalization;
using System.Net;
using OpenTelemetry.Exporter;

namespace Streaming.Silo.Telemetry;

/// <summary>What is switched on: signals that go to a collector, and the listener for Prometheus.</summary>
internal sealed record TelemetrySettings(IConfiguration Configuration, bool ExportsTraces, bool ExportsMetrics, bool ExportsLogs, IPEndPoint? Prometheus)
{
    public const double DefaultSampleRatio = 0.01;
    public const string Sampler = "OTEL_TRACES_SAMPLER";
    public const string ExporterTimeout = "OTEL_EXPORTER_OTLP_TIMEOUT";

    private const string Disabled = "OTEL_SDK_DISABLED";
    private const string SamplerArgument = "OTEL_TRACES_SAMPLER_ARG";
    private const string Endpoint = "ENDPOINT";
    private const string Protocol = "PROTOCOL";
    private const string Headers = "HEADERS";

    private static readonly string[] Signals = ["TRACES", "METRICS", "LOGS"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];

    private static readonly string[] Samplers =
        ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];

    public bool IsOn => ExportsTraces || ExportsMetrics || ExportsLogs || Prometheus is not null;

    /// <summary>Metrics are measured for either of the two.</summary>
    public bool Measures => ExportsMetrics || Prometheus is not null;

    public static TelemetrySettings Read(IConfiguration configuration)
    {
        // OpenTelemetry itself does nothing then.
        if (string.Equals(configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase))
            return new TelemetrySettings(configuration, false, false, false, null);

        var options = configuration.Read<TelemetryOptions>(TelemetryOptions.Section);
        return new TelemetrySettings(
            configuration, Exports(configuration, "TRACES"), Exports(configuration, "METRICS"), Exports(configuration, "LOGS"),
            options.PrometheusPort == 0 ? null : new IPEndPoint(AddressOf(options), options.PrometheusPort));
    }

    /// <summary>What holds for one signal alone: the exporter reads the variables that hold for all.</summary>
    public void Direct(OtlpExporterOptions exporter, string signal)
    {
        if (Configuration[Name(Protocol, signal)] is { Length: > 0 } protocol)
            exporter.Protocol = protocol == Protocols[0] ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;

        // As it is, without the path of the signal behind it.
        if (Configuration[Name(Endpoint, signal)] is { Length: > 0 } address)
            exporter.Endpoint = new Uri(address);

        if (Configuration[Name(Headers, signal)] is { Length: > 0 } headers)
            exporter.Headers = headers;
    }

    /// <exception cref="StartupException">It is no IP address.</exception>
    public static IPAddress AddressOf(TelemetryOptions options) =>
        IPAddress.TryParse(options.PrometheusAddress, out var address)
            ? address
            : throw new StartupException("Telemetry:PrometheusAddress is no IP address. Correct it, say to 0.0.0.0 for every interface, or leave it out for 127.0.0.1.");

    /// <summary>A line for each variable of OpenTelemetry that it would pass over.</summary>
    public static IEnumerable<string> Errors(IConfiguration configuration)
    {
        foreach (var (key, value) in Set([Name(Endpoint), .. Signals.Select(signal => Name(Endpoint, signal))]))
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
                yield return $"{key} is no address of a collector. Correct it, say to http://localhost:4317, or leave it out.";
        }

        foreach (var (key, value) in Set([Name(Protocol), .. Signals.Select(signal => Name(Protocol, signal))]).Where(setting => !Protocols.Contains(setting.Value)))
            yield return $"{key} is '{value}' and must be one of {string.Join(", ", Protocols)}. Correct it, or leave it out for grpc.";

        foreach (var (key, value) in Set([.. Signals.Select(ExporterOf)]).Where(setting => setting.Value is not ("otlp" or "none")))
            yield return $"{key} is '{value}' and must be one of otlp, none. Correct it, or leave it out.";

        foreach (var (key, value) in Set([Sampler]).Where(setting => !Samplers.Contains(setting.Value)))
            yield return string.Create(CultureInfo.InvariantCulture, $"{key} is '{value}' and must be one of {string.Join(", ", Samplers)}. Correct it, or leave it out for parentbased_traceidratio with {DefaultSampleRatio}.");

        foreach (var (key, value) in Set([SamplerArgument]))
        {
            if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) || ratio is not (>= 0 and <= 1))
                yield return $"{key} is '{value}' and must be a number between 0 and 1. Correct it, or leave it out.";
        }

        IEnumerable<(string Key, string Value)> Set(string[] keys) =>
            keys.Where(key => !string.IsNullOrEmpty(configuration[key])).Select(key => (key, configuration[key]!));
    }

    private static bool Exports(IConfiguration configuration, string signal) => configuration[ExporterOf(signal)] switch
    {
        "none" => false,
        "otlp" => true,
        _ => !string.IsNullOrEmpty(configuration[Name(Endpoint)]) || !string.IsNullOrEmpty(configuration[Name(Endpoint, signal)]),
    };

    private static string ExporterOf(string signal) => $"OTEL_{signal}_EXPORTER";

    private static string Name(string what, string? signal = null) => signal is null ? $"OTEL_EXPORTER_OTLP_{what}" : $"OTEL_EXPORTER_OTLP_{signal}_{what}";
}
