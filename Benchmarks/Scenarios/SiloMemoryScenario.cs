using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Resident memory of one silo that holds every title of a large catalogue, read and viewed.</summary>
internal static class SiloMemoryScenario
{
    private const string Name = "silo-memory";
    private const int DefaultTitles = 100_000;
    private const double TargetMegabytes = 600;
    private const string TitleGrain = "ContentGrain";
    private static readonly TimeSpan AfterCollection = TimeSpan.FromSeconds(3);

    public static Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, options.Titles ?? DefaultTitles),
            cluster => RunAsync(cluster, options, cancellationToken),
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(BenchCluster cluster, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var silo = cluster.Silos[0];
        Print("started", silo);
        await cluster.TouchAsync(cancellationToken);
        Print("all titles touched", silo);

        byte[][] requests = [.. cluster.Ids.Select(id => RequestBytes.Post(cluster.Port, $"/api/v1/content/{id}/views/increment"))];
        var connections = options.Connections ?? TitleScenario.DefaultConnections;
        var load = await LoadGenerator.RunAsync(
            new LoadPlan(cluster.Port, requests, Zipf.Samples(requests.Length)), connections, options.Duration, cancellationToken);
        Print($"load {load}", silo);

        await silo.Process.SettleAsync(cancellationToken);
        var peak = ProcessStatus.Megabytes(silo.Process.Id, "VmHWM");
        var heap = await silo.CollectAsync(cancellationToken) / 1e6;
        await Task.Delay(AfterCollection, cancellationToken);
        var resident = ProcessStatus.Megabytes(silo.Process.Id, "VmRSS");
        var active = (await cluster.CountActivationsAsync(cancellationToken)).Where(type => type.Key.Contains(TitleGrain, StringComparison.Ordinal)).Sum(type => type.Value);
        return new ScenarioResult(
            Name,
            $"VmRSS {resident:N0} MB after a full collection, {heap:N0} MB of it the managed heap, VmHWM {peak:N0} MB, {active:N0} active titles of {cluster.Ids.Length:N0}, "
            + $"target {TargetMegabytes:N0} MB {(resident <= TargetMegabytes ? "met" : "MISSED")}, after {options.Seconds} s of views at {load.Rate:N0}/s, {connections} connections")
        {
            Server = $"{resident:N0} MB, peak {peak:N0} MB",
            Passed = active == cluster.Ids.Length,
        };
    }

    private static void Print(string when, BenchSilo silo) => Console.WriteLine(
        $"{Name}: {when}: VmRSS {ProcessStatus.Megabytes(silo.Process.Id, "VmRSS"):N0} MB, VmHWM {ProcessStatus.Megabytes(silo.Process.Id, "VmHWM"):N0} MB");
}
