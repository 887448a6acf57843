using System.Diagnostics;
using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>
/// Three silos and two fronts behind a balancer are restarted one after the other under a steady load, and then a fourth silo joins: who notices, and when has it its
/// share of the titles?
/// </summary>
internal static class RollingScenario
{
    private const string Name = "rolling";
    private const int Silos = 3;
    private const int DefaultTitles = 3_000;
    private const int DefaultRate = 2_000;
    private const int TargetSeconds = 30;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShareLimit = TimeSpan.FromSeconds(TargetSeconds);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    public static Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos, options.Titles ?? DefaultTitles) { Settings = new Dictionary<string, string> { ["Cluster__DrainSeconds"] = "2" } },
            cluster => RunAsync(cluster, options, cancellationToken),
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(BenchCluster cluster, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var rate = options.Rate ?? DefaultRate;
        await cluster.StartSecondFrontAsync(cancellationToken);
        await using var balancer = new Balancer(cluster.Fronts);
        await Balancer.UntilNoticedAsync(cancellationToken);
        await cluster.ViewAllAsync(cancellationToken);
        await cluster.ReadAllAsync(cancellationToken);

        var restarts = ChangeAsync(cluster, cancellationToken);
        // Half of them record a view, without a key, and half read details.
        var views = PacedReaders.RunAsync(Plan(id => RequestBytes.Post(balancer.Port, $"/api/v1/content/{id}/views/increment")), rate / 2, restarts, cancellationToken);
        var reads = PacedReaders.RunAsync(Plan(id => RequestBytes.Get(balancer.Port, $"/api/v1/content/{id}/details")), rate / 2, restarts, cancellationToken);
        var (viewed, read) = (await views, await reads);
        var (seconds, share) = await restarts;

        var unknown = viewed.Failed - viewed.Refused.GetValueOrDefault(503);
        var passed = await cluster.CheckAsync(cluster.Ids.Length + viewed.Acknowledged, unknown, cancellationToken);
        var (failed, all) = (viewed.Failed + read.Failed, viewed.Acknowledged + viewed.Failed + read.Acknowledged + read.Failed);
        if (failed > 0)
            await Console.Error.WriteLineAsync(cluster.Output);

        return new ScenarioResult(
            Name,
            $"{failed:N0} of {all:N0} requests failed (views: {viewed.Failures}; details: {read.Failures}) in {seconds.TotalSeconds:N0} s at {all / seconds.TotalSeconds:N0}/s of {rate:N0}/s, "
            + $"{Silos} silos and {cluster.Fronts.Count} fronts restarted, p99 {viewed.P99.TotalMilliseconds:N0} ms, target 0 {(failed == 0 ? "met" : "MISSED")}; "
            + $"a silo more had its share of titles {share.TotalSeconds:N1} s after it was a member, target {TargetSeconds} s {(share.TotalSeconds < TargetSeconds ? "met" : "MISSED")}")
        {
            Server = $"{failed:N0} of {all:N0} failed",
            Passed = passed,
        };

        LoadPlan Plan(Func<Guid, byte[]> request) => new(balancer.Port, [.. cluster.Ids.Select(request)], [.. Enumerable.Range(0, cluster.Ids.Length)]);
    }

    private static async Task<(TimeSpan Took, TimeSpan Share)> ChangeAsync(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await RestartAllAsync(cluster, clock, cancellationToken);
        var share = await AddAsync(cluster, cancellationToken);
        await Task.Delay(Between, cancellationToken);
        return (clock.Elapsed, share);
    }

    /// <summary>Until the new silo has four fifths of what each would have if all had the same.</summary>
    private static async Task<TimeSpan> AddAsync(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var added = await cluster.StartSiloAsync(cancellationToken);
        var clock = Stopwatch.StartNew();
        var fair = cluster.Ids.Length / cluster.Silos.Count;
        while (clock.Elapsed < ShareLimit)
        {
            var its = (await cluster.FindPlacesAsync(cancellationToken)).Count(place => place == added.Address);
            Console.WriteLine($"{Name}: the new silo has {its:N0} of {cluster.Ids.Length:N0} titles after {clock.Elapsed.TotalSeconds:N1} s");
            if (its >= fair * 4 / 5)
                break;

            await Task.Delay(PollInterval, cancellationToken);
        }

        return clock.Elapsed;
    }

    private static async Task RestartAllAsync(BenchCluster cluster, Stopwatch clock, CancellationToken cancellationToken)
    {
        await Task.Delay(Between, cancellationToken);
        foreach (var silo in cluster.Silos.ToArray())
        {
            var stopped = clock.Elapsed;
            await cluster.RemoveAsync(silo);
            Console.WriteLine($"{Name}: silo stopped in {(clock.Elapsed - stopped).TotalSeconds:N1} s");
            await cluster.StartSiloAsync(cancellationToken);
            await Task.Delay(Between, cancellationToken);
        }

        foreach (var port in cluster.Fronts.ToArray())
        {
            var stopped = clock.Elapsed;
            await cluster.RestartFrontAsync(port, cancellationToken);
            Console.WriteLine($"{Name}: front restarted in {(clock.Elapsed - stopped).TotalSeconds:N1} s");
            await Balancer.UntilNoticedAsync(cancellationToken);
            await Task.Delay(Between, cancellationToken);
        }
    }
}
