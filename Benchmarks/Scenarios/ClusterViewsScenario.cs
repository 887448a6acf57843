using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>View increments through a front, a silo and the servers, each a process of its own, against something simpler.</summary>
internal static class ClusterViewsScenario
{
    private const double NoopTarget = 0.70;
    private const double RedisTarget = 1;

    // Stricter than the product's own, by which a run would leave the applying of its views to the pause after it.
    private const int MaxApplyInterval = 2_000;

    /// <summary>Against a grain that does nothing, called through the same front and silo.</summary>
    public static Task<ScenarioResult> AgainstNoopAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, options.TitlesOrDefault) { MaxApplyInterval = MaxApplyInterval },
            cluster => RunAsync(
                "cluster-views", NoopTarget, cluster,
                new LoadSide("noop", Plan(cluster, cluster.Port, id => $"/noop/{id}"), cluster.Processes),
                options, cancellationToken),
            cancellationToken);

    /// <summary>Against a minimal API that counts by INCR.</summary>
    public static Task<ScenarioResult> AgainstRedisAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, options.TitlesOrDefault) { MaxApplyInterval = MaxApplyInterval },
            async cluster =>
            {
                await using var redis = await RedisServer.StartAsync(cluster.Servers.Redis, cancellationToken);
                return await RunAsync(
                    "redis-incr", RedisTarget, cluster,
                    new LoadSide("redis", Plan(cluster, redis.Port, Increment), redis.Process),
                    options, cancellationToken);
            },
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(
        string name, double target, BenchCluster cluster, LoadSide baseline, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        string[] ids = [.. cluster.Ids.Select(id => $"{id}")];
        var connections = options.Connections ?? TitleScenario.DefaultConnections;
        var own = new LoadSide("cluster", Plan(cluster, cluster.Port, Increment), cluster.Processes) { UntilDoneAsync = cluster.UntilAppliedAsync };
        var load = new PairedLoad(own, baseline, options, connections);
        var check = await ViewCheck.BeginAsync(cluster.Api, () => cluster.Output, ids, cancellationToken);
        await load.RunAsync(name, null, cancellationToken);
        var passed = await check.EndAsync(load, 1, cancellationToken);

        var (ratio, min, max) = load.Ratio;
        var (rate, other) = (load.ServerRate.Median, load.BareRate.Median);
        var failures = load.Refused.Values.Sum() + load.Unanswered;
        return new ScenarioResult(
            name,
            $"median ratio {ratio:N2} ({min:N2}..{max:N2}), target {target:N2} {(ratio >= target ? "met" : "MISSED")}, cluster {rate:N0}/s, {baseline.Name} {other:N0}/s, {options.Pairs} pairs of {options.Seconds} s, {connections} connections{(failures == 0 ? "" : $", {failures:N0} failed")}")
        {
            Server = $"{rate:N0}/s",
            Bare = $"{other:N0}/s {baseline.Name}",
            Ratio = $"{ratio:N2} ({min:N2}..{max:N2})",
            Passed = passed,
        };
    }

    private static LoadPlan Plan(BenchCluster cluster, int port, Func<Guid, string> path) =>
        new(port, [.. cluster.Ids.Select(id => RequestBytes.Post(port, path(id)))], Zipf.Samples(cluster.Ids.Length));

    private static string Increment(Guid id) => $"/api/v1/content/{id}/views/increment";
}
