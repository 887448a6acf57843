using System.Globalization;
using Streaming.Tests.Deploy;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>
/// Pods of the production overlay on this machine: arguments, environment and probes are what is rendered, but for what one
/// machine without a cluster cannot have, which <see cref="SubstitutesOf"/> lists.
/// </summary>
internal sealed class RenderedCluster : IAsyncDisposable
{
    private readonly List<PodProcess> pods = [];
    private readonly Manifests manifests;

    private RenderedCluster(Manifests manifests) => this.manifests = manifests;

    /// <summary>Its id, its media folder and its rows in the membership.</summary>
    public SiloCluster Cluster { get; } = new();

    /// <summary>To whom the Service leads.</summary>
    public IReadOnlyList<PodProcess> ReadyFronts => [.. pods.Where(pod => pod.IsReady && pod.Name.StartsWith("front-", StringComparison.Ordinal))];

    public static async Task<RenderedCluster> RenderAsync() => new(await Manifests.OfAsync("production"));

    /// <summary>The Job, to its end.</summary>
    public async Task MigrateAsync()
    {
        var job = Launch(manifests.Migration, "migration-0");
        Assert.True(await job.WaitForExitAsync() == 0, string.Join('\n', job.Output.Concat(job.Errors)));
    }

    public PodProcess LaunchSilo() => Launch(manifests.Silo, $"silo-{pods.Count}");

    public PodProcess LaunchFront() => Launch(manifests.Front, $"front-{pods.Count}");

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(pods.Select(pod => pod.DisposeAsync().AsTask()));
        await Cluster.DisposeAsync();
    }

    private PodProcess Launch(Workload workload, string name)
    {
        var ports = (workload.Container.Ports ?? []).ToDictionary(port => Text(port.ContainerPort), _ => LoopbackPort.Take());
        var environment = manifests.EnvironmentOf(workload.Container, field => field switch
        {
            // The downward API.
            "status.podIP" => "127.0.0.1",
            "metadata.name" => name,
            _ => throw new InvalidOperationException($"{field} is of no pod here."),
        });
        foreach (var (key, value) in SubstitutesOf(environment, ports))
            environment[key] = value;

        var asked = workload.Container.ReadinessProbe?.HttpGet.Port;
        var pod = new PodProcess(name, ProgramOf(workload), asked is null ? 0 : ports[Text(workload.PortOf(asked))], workload.Pod, environment);
        pods.Add(pod);
        return pod;
    }

    private IEnumerable<(string Name, string Value)> SubstitutesOf(Dictionary<string, string> environment, Dictionary<string, int> ports)
    {
        // Pods share one address, so each listens on ports of its own.
        foreach (var (name, value) in environment)
        {
            if (name == "ASPNETCORE_URLS")
                yield return (name, ports.Aggregate(value, (url, port) => url.Replace($":{port.Key}", $":{port.Value}", StringComparison.Ordinal)));
            else if (name.EndsWith("Port", StringComparison.Ordinal) && ports.TryGetValue(value, out var free))
                yield return (name, Text(free));
        }

        // What the Secrets would hold: where the servers of the tests are.
        foreach (var (key, value) in TestServers.Settings.Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value)))
        {
            if (key.StartsWith("ConnectionStrings__", StringComparison.Ordinal) && environment.ContainsKey(key))
                yield return (key, value);
        }

        // The volume, and a cluster beside those of other tests.
        yield return ("Media__Path", Cluster.MediaFolder);
        yield return ("Cluster__Id", Cluster.Id);
    }

    private static string ProgramOf(Workload workload) => workload.Container.Image.Contains("/streaming-front:", StringComparison.Ordinal) ? "Streaming.WebFront" : "Streaming.Silo";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
