using System.Reflection;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Exporter;
using OpenTelemetry.Instrumentation.StackExchangeRedis;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Streaming.Silo.Health;
using Streaming.Storage.Servers;

namespace Streaming.Silo.Telemetry;

public static class TelemetryComposition
{
    private const string IncludeScopes = "Logging:Console:FormatterOptions:IncludeScopes";
    private const string HealthPath = "/health";

    /// <summary>For an export, which a stop waits for.</summary>
    private const int ExportTimeoutMilliseconds = 5_000;

    // What Npgsql's and the runtime's packages would name. MongoDB's driver tells no metrics, and SQLite's nothing at all.
    private static readonly string[] Meters =
    [
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Microsoft.Orleans", "Npgsql", "Streaming.*",
    ];

    // Those of Orleans' grain calls too: without a listener there, nothing is carried over a call (dotnet/orleans issue 9188).
    private static readonly string[] Sources =
    [
        "Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime", "Microsoft.Orleans.Lifecycle", "Microsoft.Orleans.Storage",
        "Npgsql", "MongoDB.Driver", "System.Net.Http", "Streaming.*",
    ];

    /// <summary>
    /// Traces, metrics and logs, where they are asked for; nothing of it exists otherwise. Before all that it watches, so that it stops last.
    /// </summary>
    /// <param name="secretPath">Paths below it are as good as a password, and in no trace.</param>
    /// <exception cref="StartupException">The port for Prometheus is taken.</exception>
    public static void AddStreamingTelemetry(this WebApplicationBuilder builder, string service, string? secretPath = null)
    {
        var services = builder.Services;
        services.AddSettings<TelemetryOptions>(TelemetryOptions.Section);
        var settings = TelemetrySettings.Read(builder.Configuration);
        if (!settings.IsOn)
            return;

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService(service, serviceVersion: typeof(TelemetryComposition).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion)
            // What the operator says of it in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES holds.
            .AddEnvironmentVariableDetector());
        services.AddSingleton<TelemetryLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<TelemetryLifetime>());
        if (string.IsNullOrEmpty(builder.Configuration[TelemetrySettings.ExporterTimeout]))
            services.ConfigureAll<OtlpExporterOptions>(exporter => exporter.TimeoutMilliseconds = ExportTimeoutMilliseconds);

        if (settings.Measures)
            telemetry.WithMetrics(metrics => AddMetrics(metrics, settings));

        if (settings.Prometheus is { } endPoint)
        {
            if (MetricsEndpoint.FindTaken(endPoint) is { } reason)
                throw new StartupException(reason);

            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<MetricsEndpoint>(provider, endPoint));
        }

        if (settings.ExportsTraces)
        {
            telemetry.WithTracing(traces => AddTraces(traces, settings, secretPath));
            services.AddSingleton(provider => new RedisWatch(connection => provider.GetService<StackExchangeRedisInstrumentation>()?.AddConnection(connection)));
            AddTraceIds(builder);
        }

        if (settings.ExportsLogs)
            telemetry.WithLogging(logs => logs.AddOtlpExporter(exporter => settings.Direct(exporter, "LOGS")), logs => logs.IncludeFormattedMessage = true);
    }

    /// <summary>Begins to listen, before anything is made that counts from then on.</summary>
    public static void UseStreamingTelemetry(this WebApplication app) => app.Services.GetService<TelemetryLifetime>();

    private static void AddMetrics(MeterProviderBuilder metrics, TelemetrySettings settings)
    {
        metrics.AddMeter(Meters);
        // Nobody else makes it.
        metrics.AddInstrumentation(provider => provider.GetRequiredService<HealthMetrics>());
        if (settings.ExportsMetrics)
            metrics.AddOtlpExporter(exporter => settings.Direct(exporter, "METRICS"));

        if (settings.Prometheus is not null)
        {
            // The names that the rules and the dashboard ask for, whatever a Prometheus says that it could read.
            metrics.AddPrometheusExporter(exporter => exporter.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithSuffixes);
        }
    }

    private static void AddTraces(TracerProviderBuilder traces, TelemetrySettings settings, string? secretPath)
    {
        traces.AddSource(Sources);
        traces.AddAspNetCoreInstrumentation(requests =>
        {
            // Probes, by the thousand.
            requests.Filter = context => !context.Request.Path.StartsWithSegments(HealthPath);
            if (secretPath is not null)
                requests.EnrichWithHttpRequest = (activity, request) => SecretPath.Hide(activity, request, secretPath);
        });
        traces.AddRedisInstrumentation();
        // OpenTelemetry reads the variable itself.
        if (string.IsNullOrEmpty(settings.Configuration[TelemetrySettings.Sampler]))
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(TelemetrySettings.DefaultSampleRatio)));

        traces.AddOtlpExporter(exporter => settings.Direct(exporter, "TRACES"));
    }

    /// <summary>Lines of the console name the trace that they belong to.</summary>
    private static void AddTraceIds(WebApplicationBuilder builder)
    {
        builder.Logging.Configure(logging => logging.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        if (builder.Configuration[IncludeScopes] is not null)
            return;

        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.IncludeScopes = true);
        builder.Services.Configure<JsonConsoleFormatterOptions>(console => console.IncludeScopes = true);
    }
}
