using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Silo;
using Streaming.Storage;
using Streaming.Tests.Auth;
using Streaming.Tests.Docs;
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

    private WebApplicationBuilder Compose(string host)
    {
        string[] own = [$"--Storage:Path={folder.Path}", $"--Auth:SigningKey={TokenParts.Key}", $"--Media:SigningKey={TokenParts.Key}", "--Media:PublicBaseUrl=https://video.example.com", .. Cloudinary];
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
