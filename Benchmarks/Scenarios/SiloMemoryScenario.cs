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
        await cluster.ViewAllAsync(cancellationToken);
        var (viewed, _) = await CollectAsync("all titles viewed");
        await cluster.ReadAllAsync(cancellationToken);
        Print("all titles read with their reviews", silo);

        byte[][] requests = [.. cluster.Ids.Select(id => RequestBytes.Post(cluster.Port, $"/api/v1/content/{id}/views/increment"))];
        var connections = options.Connections ?? TitleScenario.DefaultConnections;
        var load = await LoadGenerator.RunAsync(
            new LoadPlan(cluster.Port, requests, Zipf.Samples(requests.Length)), connections, options.Duration, cancellationToken);
        Print($"load {load}", silo);

        var peak = ProcessStatus.Megabytes(silo.Process.Id, "VmHWM");
        var (resident, heap) = await CollectAsync("at the end");
        var active = (await cluster.CountActivationsAsync(cancellationToken)).Where(type => type.Key.Contains(TitleGrain, StringComparison.Ordinal)).Sum(type => type.Value);
        return new ScenarioResult(
            Name,
            $"VmRSS after a full collection {viewed:N0} MB with all titles viewed, {resident:N0} MB with their details and reviews read too ({heap:N0} MB of it the managed heap), VmHWM {peak:N0} MB, {active:N0} active titles of {cluster.Ids.Length:N0}, "
            + $"target {TargetMegabytes:N0} MB {(resident <= TargetMegabytes ? "met" : "MISSED")}, after {options.Seconds} s of views at {load.Rate:N0}/s, {connections} connections")
        {
            Server = $"{resident:N0} MB, peak {peak:N0} MB",
            Passed = active == cluster.Ids.Length,
        };

        async Task<(double Resident, double Heap)> CollectAsync(string when)
        {
            await cluster.UntilAppliedAsync(cancellationToken);
            await silo.Process.SettleAsync(cancellationToken);
            var bytes = await silo.CollectAsync(cancellationToken);
            await Task.Delay(AfterCollection, cancellationToken);
            Print($"{when} and collected", silo);
            return (ProcessStatus.Megabytes(silo.Process.Id, "VmRSS"), bytes / 1e6);
        }
    }

    private static void Print(string when, BenchSilo silo) => Console.WriteLine(
        $"{Name}: {when}: VmRSS {ProcessStatus.Megabytes(silo.Process.Id, "VmRSS"):N0} MB, VmHWM {ProcessStatus.Megabytes(silo.Process.Id, "VmHWM"):N0} MB");
}
