using System.Globalization;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Streaming.Ledger;
using Streaming.Silo;
using Streaming.Silo.Health;
using Streaming.Storage;
using YamlDotNet.Core;

namespace Streaming.Tests.Deploy;

/// <summary>No cluster runs where these tests do: what is below <c>deploy/kubernetes</c> is rendered, read strictly, and held against the programs.</summary>
public sealed class ManifestTests
{
    private const string Cloudinary = "production+cloudinary";

    private readonly Dockerfile dockerfile = Dockerfile.Read();

    public static TheoryData<string> Overlays => ["production", "single-node", Cloudinary];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Overlay_renders_into_objects_that_each_have_a_name_of_their_own(string overlay)
    {
        var manifests = await OfAsync(overlay);

        Assert.NotEmpty(manifests.All);
        Assert.Equal(manifests.All.Count, manifests.All.DistinctBy(found => (found.Kind, found.Metadata.Name)).Count());
        Assert.All(manifests.All.Where(found => found is not V1Namespace), found => Assert.Equal("streaming", found.Metadata.NamespaceProperty));
    }

    [Theory]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true")]
    [InlineData("periodSeconds: 10", "periodSecond: 10")]
    [InlineData("failureThreshold: 6", "failureThreshold: six")]
    [InlineData("matchLabels:", "matchLabel:")]
    public async Task Misspelt_field_or_wrong_type_is_found(string right, string wrong)
    {
        var yaml = (await OfAsync("production")).Yaml;
        Assert.Contains(right, yaml, StringComparison.Ordinal);

        Assert.ThrowsAny<YamlException>(() => Manifests.ReadStrictly(yaml.Replace(right, wrong, StringComparison.Ordinal)).ToList());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_setting_is_one_that_the_programs_have(string overlay)
    {
        var manifests = await OfAsync(overlay);

        Assert.All(manifests.Programs, program => Settings.AssertKnown(EnvironmentOf(manifests, program)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_name_every_server_and_fronts_only_the_membership(string overlay)
    {
        var manifests = await OfAsync(overlay);
        var all = typeof(ConnectionOptions).GetProperties().Select(property => $"ConnectionStrings__{property.Name}").ToHashSet();

        Assert.Superset(all, EnvironmentOf(manifests, manifests.Silo).Keys.ToHashSet());
        Assert.Equal([$"ConnectionStrings__{nameof(ConnectionOptions.Orleans)}"], EnvironmentOf(manifests, manifests.Front).Keys.Where(all.Contains));
        Assert.All(manifests.Programs, program =>
        {
            var environment = EnvironmentOf(manifests, program);
            Assert.Equal(StorageFamily.Servers, Settings.Read(environment).GetStorageFamily());
            Assert.Equal("Production", environment["ASPNETCORE_ENVIRONMENT"]);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Silos_and_fronts_find_each_other(string overlay)
    {
        var manifests = await OfAsync(overlay);
        var silo = ClusterOptions.Read(Settings.Read(EnvironmentOf(manifests, manifests.Silo)));
        var front = ClusterOptions.Read(Settings.Read(EnvironmentOf(manifests, manifests.Front)));

        Assert.Equal(silo.Id, front.Id);
        Assert.Equal((ClusterMode.Embedded, ClusterMode.Client), (silo.Mode, front.Mode));
        Assert.Equal(("status.podIP", "metadata.name"), (silo.AdvertisedAddress, silo.SiloName));
        Assert.Equal([silo.SiloPort, silo.GatewayPort], [PortOf(manifests.Silo, "silo"), PortOf(manifests.Silo, "gateway")]);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Programs_listen_where_their_images_and_their_probes_say(string overlay)
    {
        var manifests = await OfAsync(overlay);
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.MapHealth();
        var routes = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.RoutePattern.RawText).ToList();

        foreach (var program in (Workload[])[manifests.Silo, manifests.Front])
        {
            var listens = BindingAddress.Parse(EnvironmentOf(manifests, program)["ASPNETCORE_URLS"]);
            Assert.Equal("+", listens.Host);
            Assert.Equal(DockerfileTests.ListensOn(dockerfile[program.Name]), listens.Port.ToString(CultureInfo.InvariantCulture));
            var container = program.Container;
            foreach (var probe in (V1Probe[])[container.StartupProbe, container.ReadinessProbe, container.LivenessProbe])
            {
                Assert.Contains(probe.HttpGet.Path, routes);
                Assert.Equal(listens.Port, program.PortOf(probe.HttpGet.Port));
            }

            // What restarts a container must not ask for what is outside of it; what leads requests to it must.
            Assert.Equal(["/health/live", "/health/live", "/health/ready"], [container.StartupProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path]);
        }

        var connect = TimeSpan.FromSeconds(new ClusterOptions().ConnectSeconds);
        Assert.True(Patience(manifests.Front.Container.StartupProbe) > connect, "A front that waits for silos is killed before it gives up by itself.");
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Programs_are_given_longer_to_stop_than_they_take(string overlay)
    {
        var manifests = await OfAsync(overlay);

        foreach (var program in (Workload[])[manifests.Silo, manifests.Front])
        {
            var pause = program.Container.Lifecycle?.PreStop.Sleep.Seconds ?? 0;
            // The program cuts itself off a little later than its budget.
            Assert.True(program.Pod.TerminationGracePeriodSeconds >= pause + (Drain.Budget + TimeSpan.FromSeconds(5)).TotalSeconds);
        }

        // It gets requests until all have heard that it goes, and its image need not have a program that waits.
        Assert.True(manifests.Front.Container.Lifecycle.PreStop.Sleep.Seconds > 0);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Migration_is_the_silos_own_image_and_databases_and_silos_leave_it_to_it(string overlay)
    {
        var manifests = await OfAsync(overlay);
        var (silo, migration) = (EnvironmentOf(manifests, manifests.Silo), EnvironmentOf(manifests, manifests.Migration));

        Assert.Equal(["migrate"], manifests.Migration.Container.Args);
        Assert.Equal(manifests.Silo.Container.Image, manifests.Migration.Container.Image);
        Assert.All(silo.Where(setting => setting.Key.StartsWith("ConnectionStrings__", StringComparison.Ordinal)), setting => Assert.Equal(setting.Value, migration[setting.Key]));
        Assert.Equal("false", silo["Storage__Migrate"]);
        Assert.DoesNotContain("Storage__Migrate", migration.Keys);
        Assert.True(manifests.Find<V1Job>("migration").Spec.TtlSecondsAfterFinished > 0, "A Job cannot be changed: it must be gone before the next version comes.");
    }

    [Fact]
    public async Task Autoscalers_scale_what_has_no_number_of_its_own_by_metrics_that_there_are()
    {
        var manifests = await OfAsync("production");

        foreach (var scaler in manifests.OfKind<V2HorizontalPodAutoscaler>())
        {
            var target = manifests.Find<V1Deployment>(scaler.Spec.ScaleTargetRef.Name);
            Assert.Null(target.Spec.Replicas);
            Assert.True(scaler.Spec.MinReplicas >= 2 && scaler.Spec.MaxReplicas > scaler.Spec.MinReplicas);
            Assert.Contains(scaler.Spec.Metrics, metric => metric.Resource?.Name == "cpu");
            var down = scaler.Spec.Behavior.ScaleDown;
            Assert.True(down.StabilizationWindowSeconds >= 300);
            Assert.Equal(("Pods", 1), (Assert.Single(down.Policies).Type, down.Policies[0].Value));
            // The next leaves after this one has.
            Assert.True(down.Policies[0].PeriodSeconds > target.Spec.Template.Spec.TerminationGracePeriodSeconds);
        }

        var depth = Assert.Single(manifests.Find<V2HorizontalPodAutoscaler>("silo").Spec.Metrics, metric => metric.External is not null).External;
        Assert.Equal("streaming.ledger.journal.depth".Replace('.', '_'), depth.Metric.Name);
        Assert.InRange(depth.Target.AverageValue.ToInt64(), 1, new LedgerOptions().MaxUnappliedEntries / 2);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Media_are_where_all_programs_have_them(string overlay)
    {
        var manifests = await OfAsync(overlay);

        foreach (var program in (Workload[])[manifests.Silo, manifests.Front])
        {
            var environment = EnvironmentOf(manifests, program);
            var mount = Assert.Single(program.Container.VolumeMounts, mount => mount.MountPath == environment["Media__Path"]);
            var volume = Assert.Single(program.Pod.Volumes, volume => volume.Name == mount.Name);
            if (overlay == Cloudinary)
            {
                Assert.NotNull(volume.EmptyDir.SizeLimit);
                Assert.Equal("Cloudinary", environment["Media__Store"]);
                Assert.Empty(manifests.OfKind<V1PersistentVolumeClaim>());
            }
            else
            {
                var mode = Assert.Single(manifests.Find<V1PersistentVolumeClaim>(volume.PersistentVolumeClaim.ClaimName).Spec.AccessModes);
                Assert.Equal(overlay == "single-node" ? "ReadWriteOnce" : "ReadWriteMany", mode);
            }
        }
    }

    internal static Task<Manifests> OfAsync(string overlay) => overlay.Split('+') is [var name, .. var components] ? Manifests.OfAsync(name, components) : throw new ArgumentException(overlay);

    /// <summary>With the path of a field for its value.</summary>
    internal static Dictionary<string, string> EnvironmentOf(Manifests manifests, Workload program) => manifests.EnvironmentOf(program.Container, field => field);

    private static int PortOf(Workload workload, string name) => workload.PortOf(name);

    private static TimeSpan Patience(V1Probe probe) => TimeSpan.FromSeconds((probe.PeriodSeconds ?? 10) * (probe.FailureThreshold ?? 3));
}
