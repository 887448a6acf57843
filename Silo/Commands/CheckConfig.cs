using Streaming.Media;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Storage.Operations;

namespace Streaming.Silo.Commands;

/// <summary>The command that looks at the settings as a start does, then at everything that the program would use, and says what it found. It changes nothing.</summary>
public static class CheckConfig
{
    internal const string Name = "check-config";

    /// <param name="check">Looks at the settings.</param>
    public static ProgramCommand With(string defaultUrls, Action<WebApplicationBuilder, Listeners> check) => new(
        Name, [], "looks at the settings and at everything that they name, and says what it found",
        async (arguments, cancellationToken) =>
        {
            var builder = StreamingProgram.CreateBuilder(arguments.Settings);
            var listeners = builder.UseConfiguredUrls(defaultUrls);
            check(builder, listeners);
            var findings = await Task.WhenAll(Begin(builder.Configuration, listeners, cancellationToken));
            var tools = await MediaCheck.ToolsAsync(builder.Configuration.Read<MediaOptions>(MediaOptions.Section), cancellationToken);
            Print([Settings(builder), .. findings, tools]);
        });

    private static IEnumerable<Task<Finding>> Begin(ConfigurationManager configuration, Listeners listeners, CancellationToken cancellationToken)
    {
        var cluster = ClusterOptions.Read(configuration);
        var storage = configuration.Read<StorageOptions>(StorageOptions.Section);
        var isClient = cluster.Mode == ClusterMode.Client;
        return
        [
            .. StorageCheck.Begin(storage, configuration.Read<ConnectionOptions>(ConnectionOptions.Section), cluster.Id, isClient, cancellationToken),
            .. MediaCheck.Begin(
                configuration.Read<MediaOptions>(MediaOptions.Section), configuration.Read<CloudinaryOptions>(CloudinaryOptions.Section), storage.Path, cancellationToken),
            .. listeners.Addresses.Select(address => BoundedLook.AtAsync(
                "HTTP", address.ToString(), "", _ => Task.FromResult(Listeners.FindTaken(address) is { } reason ? (FindingState.Failed, reason) : (FindingState.Ok, "free")), cancellationToken)),
            .. TelemetrySettings.Read(configuration).Prometheus is not { } metrics ? (IEnumerable<Task<Finding>>)[] : [BoundedLook.AtAsync(
                "metrics", metrics.ToString(), "", _ => Task.FromResult(MetricsEndpoint.FindTaken(metrics) is { } reason ? (FindingState.Failed, reason) : (FindingState.Ok, "free")), cancellationToken)],
            .. isClient ? (IEnumerable<Task<Finding>>)[] : [BoundedLook.AtAsync(
                "silo", cluster.AdvertisedAddress, "See Cluster:AdvertisedAddress.", _ => Task.FromResult(LookAtPorts(cluster, storage.Family == StorageFamily.Servers)), cancellationToken)],
        ];
    }

    private static (FindingState, string) LookAtPorts(ClusterOptions cluster, bool withGateway)
    {
        var endpoints = SiloEndpoints.Choose(cluster, withGateway);
        return (FindingState.Ok, string.Join(", ",
        [
            cluster.SiloPort == 0 ? "any free port for silos" : $"port {endpoints.SiloPort} for silos is free",
            .. !withGateway ? (IEnumerable<string>)[] : [cluster.GatewayPort == 0 ? "any free port for fronts" : $"port {endpoints.GatewayPort} for fronts is free"],
        ]));
    }

    private static Finding Settings(WebApplicationBuilder builder)
    {
        var unknown = UnknownSettings.Find(builder.Configuration, System.Reflection.Assembly.GetEntryAssembly() ?? typeof(CheckConfig).Assembly).ToList();
        return new Finding(
            "settings", builder.Environment.EnvironmentName, unknown.Count == 0 ? FindingState.Ok : FindingState.Failed,
            unknown.Count == 0 ? "can be used" : $"nothing reads {string.Join(", ", unknown)}. Correct the name, or leave it out (docs/configuration.md has them all).");
    }

    /// <exception cref="StartupException">Something does not work.</exception>
    private static void Print(IReadOnlyList<Finding> findings)
    {
        var (name, where) = (findings.Max(finding => finding.Name.Length), findings.Max(finding => finding.Where.Length));
        foreach (var finding in findings)
            Console.WriteLine($"{finding.Name.PadRight(name)}  {finding.Where.PadRight(where)}  {finding.State switch { FindingState.Ok => "ok     ", FindingState.Warning => "warning", _ => "FAILED " }}  {finding.Detail}");

        var failed = findings.Where(finding => finding.State == FindingState.Failed).Select(finding => finding.Name).ToList();
        if (failed.Count > 0)
            throw new StartupException($"{failed.Count} of {findings.Count} do not work: {string.Join(", ", failed)}. What to do is said above.");
    }
}
