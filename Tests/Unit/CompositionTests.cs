using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;
using Streaming.Audit;
using Streaming.Silo;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Tests.Auth;
using Streaming.Tests.Docs;
using Streaming.Tests.Processes;
using Streaming.Tests.Storage;
using Streaming.WebFront;

namespace Streaming.Tests;

/// <summary>The services of each host, as its program composes them. None is started.</summary>
public sealed class CompositionTests : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=streaming;Username=streaming;Password=streaming";

    private static readonly string[] Servers =
    [
        "--Storage:Family=Servers", $"--ConnectionStrings:Metadata={Nowhere}", $"--ConnectionStrings:Analytics={Nowhere}", $"--ConnectionStrings:Orleans={Nowhere}",
        "--ConnectionStrings:Mongo=mongodb://127.0.0.1:1/streaming",
    ];

    private static readonly string[] Cloudinary =
        ["--Media:Store=Cloudinary", "--Cloudinary:CloudName=cloud", "--Cloudinary:ApiKey=key", "--Cloudinary:ApiSecret=secret"];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Hosts => ["silo", "front on files", "front on servers", "client"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task Options_of_a_host_are_bound_once_and_validated_at_its_start(string host)
    {
        var builder = Compose(host);
        var validated = new Validated();
        builder.Services.AddSingleton(validated);
        builder.Services.AddSingleton(typeof(IValidateOptions<>), typeof(Watch<>));
        var bound = OptionsClass.All.Where(options => Count(builder, options.Type) > 0).ToList();
        // Not disposed: nothing of it has begun.
        var services = builder.Services.BuildServiceProvider();
        await Task.Run(() => services.GetRequiredService<IStartupValidator>().Validate(), TestContext.Current.CancellationToken).WaitAsync(LongEnough, TestContext.Current.CancellationToken);

        Assert.All(bound, options =>
        {
            Assert.Equal(1, Count(builder, options.Type));
            Assert.Contains(options.Type, validated.Types);
            Assert.Contains(builder.Services, service =>
                service.ServiceType == typeof(IValidateOptions<>).MakeGenericType(options.Type)
                && service.ImplementationInstance?.GetType() == typeof(DataAnnotationValidateOptions<>).MakeGenericType(options.Type));
        });
    }

    [Fact]
    public void Every_options_class_is_bound_by_a_host()
    {
        var hosts = Hosts.Select(host => Compose(host.Data)).ToList();
        Assert.All(OptionsClass.All, options => Assert.Contains(hosts, host => Count(host, options.Type) > 0));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Telemetry_that_nobody_asks_for_is_not_there(string host)
    {
        var services = Compose(host).Services;

        Assert.DoesNotContain(services, service => IsOfTelemetry(service.ServiceType) || IsOfTelemetry(service.IsKeyedService ? null : service.ImplementationType));
        // A filter is paid for by every call: only one that a front needs is there.
        Assert.Equal(
            host == "client" ? [typeof(RejectedCallRetry)] : [],
            services.Where(service => service.ServiceType == typeof(IOutgoingGrainCallFilter)).Select(service => service.ImplementationType));
        Assert.DoesNotContain(services, service => service.ServiceType == typeof(IIncomingGrainCallFilter));
    }

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Telemetry_begins_before_everything_that_it_watches(string host)
    {
        // Not disposed: nothing of it has begun.
        var services = Compose(host, "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", $"--Telemetry:PrometheusPort={LoopbackPort.Take()}").Services.BuildServiceProvider();

        var hosted = services.GetServices<IHostedService>().Select(service => service.GetType()).ToList();
        var last = hosted.FindLastIndex(IsOfTelemetry);
        Assert.True(last > 0 && hosted.FindIndex(type => !IsOfTelemetry(type)) > last, string.Join(", ", hosted.Take(last + 1)));
        Assert.NotNull(services.GetService<TracerProvider>());
        Assert.Single(services.GetServices<IOutgoingGrainCallFilter>(), filter => filter is not RejectedCallRetry);
        Assert.Single(services.GetServices<IIncomingGrainCallFilter>());
    }

    [Theory]
    [InlineData("--OTEL_SDK_DISABLED=true")]
    [InlineData("--OTEL_TRACES_EXPORTER=none")]
    public void Traces_that_are_switched_off_cost_no_call(string setting) =>
        Assert.DoesNotContain(Compose("front on files", "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", setting).Services, service => service.ServiceType == typeof(IOutgoingGrainCallFilter));

    [Fact]
    public void Few_traces_are_recorded_unless_something_else_is_set()
    {
        var services = Compose("front on files", "--OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:1").Services.BuildServiceProvider();
        Assert.NotNull(services.GetService<TracerProvider>());
        using var source = new ActivitySource("Streaming.Tests");

        // One in a hundred: of so many none at all has a chance of one to 10^17.
        var recorded = Enumerable.Range(0, 4_000).Count(_ =>
        {
            using var activity = source.StartActivity("request");
            return activity is { Recorded: true };
        });

        Assert.InRange(recorded, 1, 400);
    }

    [Fact]
    public void Port_for_Prometheus_that_is_taken_is_told_before_anything_starts()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var refused = Assert.Throws<StartupException>(() => Compose("front on files", $"--Telemetry:PrometheusPort={port}"));

        Assert.Equal($"Cannot listen on http://127.0.0.1:{port}/metrics: the port is taken. Stop the other program, or choose another address with Telemetry__PrometheusPort.", refused.Message);
    }

    /// <summary>Hosted services stop one after the other, the last one first.</summary>
    [Theory]
    [MemberData(nameof(Hosts))]
    public void What_calls_grains_stops_before_the_cluster_and_the_stores_after_it(string host)
    {
        // Not disposed: nothing of it has begun.
        var services = Compose(host).Services.BuildServiceProvider();
        var hosted = services.GetServices<IHostedService>().Select(service => service.GetType()).ToList();
        var cluster = hosted.IndexOf(Assert.Single(hosted, type => type == typeof(StoppableSilo) || type.Name == "ClusterClient"));

        Assert.Contains(hosted, CallsGrains);
        Assert.All(hosted.Where(CallsGrains), type => Assert.True(hosted.IndexOf(type) > cluster, $"{type} stops after what it calls."));
        Assert.All(hosted.Where(type => type.Assembly == typeof(StorageOptions).Assembly), type => Assert.True(hosted.IndexOf(type) < cluster, $"{type} stops before the grains."));
        Assert.False(services.GetRequiredService<IOptions<HostOptions>>().Value.ServicesStopConcurrently);
    }

    private static bool CallsGrains(Type type) => type
        .GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .SelectMany(constructor => constructor.GetParameters(), (_, parameter) => parameter.ParameterType)
        .Any(parameter => parameter == typeof(IGrainFactory) || parameter == typeof(IAuditLog)
            || (parameter.IsGenericType && parameter.GetGenericTypeDefinition() == typeof(GrainReferences<>)));

    private static int Count(WebApplicationBuilder builder, Type options) =>
        builder.Services.Count(service => service.ServiceType == typeof(IConfigureOptions<>).MakeGenericType(options));

    private static bool IsOfTelemetry(Type? type) =>
        type?.Assembly.GetName().Name!.StartsWith("OpenTelemetry", StringComparison.Ordinal) == true || type?.Namespace == typeof(TelemetryOptions).Namespace && type != typeof(TelemetryOptions);

    private WebApplicationBuilder Compose(string host, params string[] settings)
    {
        string[] own = [$"--Storage:Path={folder.Path}", $"--Auth:SigningKey={TokenParts.Key}", $"--Media:SigningKey={TokenParts.Key}", "--Media:PublicBaseUrl=https://video.example.com", .. Cloudinary, .. settings];
        var builder = StreamingProgram.CreateBuilder(host switch
        {
            "front on files" => own,
            "client" => [.. own, .. Servers, "--Cluster:Mode=Client"],
            _ => [.. own, .. Servers],
        });
        var listeners = builder.UseConfiguredUrls("http://127.0.0.1:0");
        if (host == "silo")
            builder.AddStreamingSilo(ofItsOwn: true);
        else
            builder.AddStreamingFront(listeners);

        return builder;
    }

    private sealed class Validated
    {
        public HashSet<Type> Types { get; } = [];
    }

    private sealed class Watch<T>(Validated validated) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            validated.Types.Add(typeof(T));
            return ValidateOptionsResult.Skip;
        }
    }
}
