using k8s.Models;

namespace Streaming.Tests.Deploy;

/// <summary>What selects what, and who reaches whom.</summary>
public sealed class ManifestNetworkTests
{
    private const string Name = "app.kubernetes.io/name";

    public static TheoryData<string> Overlays => ManifestTests.Overlays;

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Selectors_find_pods_that_there_are(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);

        foreach (var workload in manifests.Workloads.Where(workload => workload.Selector is not null))
        {
            // Its own pods and no others'.
            Assert.Equal([workload.Name], Selected(manifests, workload.Selector!));
            Assert.All(workload.Pod.TopologySpreadConstraints ?? [], spread => Assert.Equal([workload.Name], Selected(manifests, spread.LabelSelector)));
        }

        Assert.All(manifests.OfKind<V1PodDisruptionBudget>(), budget =>
        {
            Assert.Equal([budget.Metadata.Name], Selected(manifests, budget.Spec.Selector));
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
        });
        Assert.Equal(["front", "silo"], manifests.OfKind<V1PodDisruptionBudget>().Select(budget => budget.Metadata.Name).Order());
        Assert.All(manifests.OfKind<V1NetworkPolicy>(), policy => Assert.NotEmpty(Selected(manifests, policy.Spec.PodSelector)));
        foreach (var program in (Workload[])[manifests.Silo, manifests.Front])
            Assert.Equal(["kubernetes.io/hostname", "topology.kubernetes.io/zone"], program.Pod.TopologySpreadConstraints.Select(spread => spread.TopologyKey).Order());
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Services_and_ingresses_lead_to_ports_that_pods_listen_on(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);

        foreach (var service in manifests.OfKind<V1Service>())
        {
            var pods = Assert.Single(manifests.Workloads, workload => Matches(service.Spec.Selector, workload));
            Assert.All(service.Spec.Ports, port => Assert.Contains(pods.Container.Ports, open => open.ContainerPort == pods.PortOf(port.TargetPort ?? port.Port)));
            if (pods.Owner is V1StatefulSet set)
                Assert.Equal(service.Metadata.Name, set.Spec.ServiceName);
        }

        var backends = manifests.OfKind<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths).Select(path => path.Backend.Service).ToList();
        Assert.Equal(overlay == "single-node", backends.Count == 0);
        Assert.All(backends, backend =>
        {
            Assert.Equal("front", backend.Name);
            Assert.Contains(manifests.Find<V1Service>(backend.Name).Spec.Ports, port => port.Name == backend.Port.Name);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Nothing_is_reached_but_what_a_policy_lets_through(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);

        // One policy without a rule takes in all pods: the others add to nothing.
        var closed = manifests.Find<V1NetworkPolicy>("default-deny");
        Assert.Equal(manifests.Workloads.Select(workload => workload.Name).Order(), Selected(manifests, closed.Spec.PodSelector).Order());
        Assert.Equal(["Egress", "Ingress"], closed.Spec.PolicyTypes.Order());
        Assert.True(closed.Spec.Ingress is null or [] && closed.Spec.Egress is null or []);
        Assert.All(manifests.OfKind<V1NetworkPolicy>().SelectMany(policy => policy.Spec.Ingress ?? []), rule =>
        {
            Assert.NotEmpty(rule.FromProperty);
            Assert.NotEmpty(rule.Ports);
        });
        Assert.All(manifests.OfKind<V1NetworkPolicy>().SelectMany(policy => policy.Spec.Egress ?? []), rule =>
        {
            Assert.NotEmpty(rule.To);
            Assert.NotEmpty(rule.Ports);
        });
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Only_silos_reach_silos_and_only_fronts_their_gateways(string overlay)
    {
        var manifests = await ManifestTests.OfAsync(overlay);
        var (silo, gateway, front) = (manifests.Silo.PortOf("silo"), manifests.Silo.PortOf("gateway"), manifests.Front.PortOf("http"));

        Assert.Equal(["silo"], WhoMayReach(manifests, "silo", silo));
        Assert.Equal(["front"], WhoMayReach(manifests, "silo", gateway));
        Assert.Equal(["ingress-nginx"], WhoMayReach(manifests, "front", front));
        // The kubelet asks for health, and policies do not concern it.
        Assert.Empty(WhoMayReach(manifests, "silo", manifests.Silo.PortOf("health")));
        Assert.Contains("silo", WhomMayReach(manifests, "silo", silo));
        Assert.Contains("silo", WhomMayReach(manifests, "front", gateway));
        Assert.DoesNotContain("silo", WhomMayReach(manifests, "front", silo));
        Assert.DoesNotContain("front", WhomMayReach(manifests, "silo", front));
    }

    [Fact]
    public async Task Only_the_monitoring_namespace_reaches_the_metrics_that_pods_are_annotated_with()
    {
        var manifests = await ManifestTests.OfAsync("production");

        foreach (var program in (Workload[])[manifests.Silo, manifests.Front])
        {
            var environment = ManifestTests.EnvironmentOf(manifests, program);
            var port = program.PortOf("metrics");
            Assert.Equal(environment["Telemetry__PrometheusPort"], $"{port}");
            Assert.Equal("0.0.0.0", environment["Telemetry__PrometheusAddress"]);
            Assert.Equal($"{port}", program.Template.Metadata.Annotations["prometheus.io/port"]);
            Assert.Equal(["monitoring"], WhoMayReach(manifests, program.Name, port));
        }
    }

    [Fact]
    public async Task Of_one_node_every_server_is_reached_by_those_that_use_it()
    {
        var manifests = await ManifestTests.OfAsync("single-node");

        Assert.Equal(["citus-nodes", "citus-worker", "front", "migration", "silo"], WhoMayReach(manifests, "citus-coordinator", 5432));
        Assert.Equal(["citus-coordinator", "citus-worker"], WhoMayReach(manifests, "citus-worker", 5432));
        // Foreign tables, and replication.
        Assert.Equal(["analytics-replica", "citus-coordinator", "migration", "silo"], WhoMayReach(manifests, "analytics-master", 5432));
        Assert.Equal(["citus-coordinator", "migration", "silo"], WhoMayReach(manifests, "analytics-replica", 5432));
        Assert.Equal(["migration", "silo"], WhoMayReach(manifests, "mongo", 27017));
        Assert.Equal(["migration", "silo"], WhoMayReach(manifests, "redis", 6379));
        // Both sides must let it through.
        foreach (var (target, port) in new[] { ("citus-coordinator", 5432), ("citus-worker", 5432), ("analytics-master", 5432), ("analytics-replica", 5432), ("mongo", 27017), ("redis", 6379) })
            Assert.All(WhoMayReach(manifests, target, port), source => Assert.Contains(target, WhomMayReach(manifests, source, port)));

        // Of the databases a front has the membership's alone.
        Assert.Equal(["citus-coordinator"], WhomMayReach(manifests, "front", 5432));
    }

    /// <summary>Workloads, and namespaces, that policies let in.</summary>
    private static IEnumerable<string> WhoMayReach(Manifests manifests, string target, int port) => Policies(manifests, target)
        .SelectMany(policy => policy.Spec.Ingress ?? []).Where(rule => Opens(rule.Ports, port)).SelectMany(rule => Peers(manifests, rule.FromProperty)).Distinct().Order();

    private static IEnumerable<string> WhomMayReach(Manifests manifests, string source, int port) => Policies(manifests, source)
        .SelectMany(policy => policy.Spec.Egress ?? []).Where(rule => Opens(rule.Ports, port)).SelectMany(rule => Peers(manifests, rule.To)).Distinct().Order();

    private static IEnumerable<V1NetworkPolicy> Policies(Manifests manifests, string workload) => manifests.OfKind<V1NetworkPolicy>()
        .Where(policy => Selected(manifests, policy.Spec.PodSelector).Contains(workload));

    private static IEnumerable<string> Peers(Manifests manifests, IList<V1NetworkPolicyPeer> peers) => peers.SelectMany(peer =>
        peer.IpBlock is { } block ? [block.Cidr]
        : peer.NamespaceSelector is { } space ? [space.MatchLabels["kubernetes.io/metadata.name"]]
        : Selected(manifests, peer.PodSelector));

    private static bool Opens(IList<V1NetworkPolicyPort> ports, int port) => ports.Any(open => open.Port.ToInt() == port);

    private static IEnumerable<string> Selected(Manifests manifests, V1LabelSelector selector)
    {
        Assert.True(selector.MatchLabels?.Count > 0 || selector.MatchExpressions?.Count > 0, "A selector of everything.");
        Assert.All(selector.MatchExpressions ?? [], expression => Assert.Equal((Name, "In"), (expression.Key, expression.OperatorProperty)));
        var named = (selector.MatchExpressions ?? []).SelectMany(expression => expression.Values).ToHashSet();
        Assert.Subset(manifests.Workloads.Select(workload => workload.Labels[Name]).ToHashSet(), named);
        return manifests.Workloads.Where(workload => Matches(selector.MatchLabels, workload) && (named.Count == 0 || named.Contains(workload.Labels[Name]))).Select(workload => workload.Name);
    }

    private static bool Matches(IDictionary<string, string>? labels, Workload workload) =>
        (labels ?? new Dictionary<string, string>()).All(label => workload.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
