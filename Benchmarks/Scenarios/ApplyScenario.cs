using Streaming.Benchmarks.Hosts;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>What the apply steps cost a second, at few views and at many of the same titles.</summary>
internal static class ApplyScenario
{
    private const string Name = "apply";
    private const int FewViews = 1_000;
    private const int ManyViews = 20_000;
    private const double Target = 2;

    // The pace of a load and the steps that follow it are even by then.
    private static readonly TimeSpan LeadIn = TimeSpan.FromSeconds(2);

    public static Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, options.TitlesOrDefault, IsApplyApart: true),
            cluster => RunAsync(cluster, options, cancellationToken),
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(BenchCluster cluster, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await cluster.TouchAsync(cancellationToken);
        var warm = await cluster.PaceAsync(ManyViews, LeadIn.Seconds, cancellationToken);
        var (recorded, unknown) = (cluster.Ids.Length + warm.Recorded, warm.Unknown);
        var pairs = new List<(Cost Few, Cost Many)>();
        for (var i = 1; i <= options.Pairs; i++)
        {
            var few = await MeasureAsync(FewViews);
            var many = await MeasureAsync(ManyViews);
            pairs.Add((few, many));
            Console.WriteLine($"{Name} {i}/{options.Pairs}: {few} | {many} | ratios {many.Wall / few.Wall:N2} of time, {many.Processor / few.Processor:N2} of processor");
        }

        var passed = await cluster.CheckAsync(recorded, unknown, cancellationToken);
        var wall = Spread.Of(pairs.Select(pair => pair.Many.Wall / pair.Few.Wall));
        var processor = Spread.Of(pairs.Select(pair => pair.Many.Processor / pair.Few.Processor));
        var (fewWall, manyWall) = (Spread.Of(pairs.Select(pair => pair.Few.Wall)).Median, Spread.Of(pairs.Select(pair => pair.Many.Wall)).Median);
        var (fewProcessor, manyProcessor) = (Spread.Of(pairs.Select(pair => pair.Few.Processor)).Median, Spread.Of(pairs.Select(pair => pair.Many.Processor)).Median);
        var reached = Spread.Of(pairs.Select(pair => pair.Many.Rate)).Median;
        return new ScenarioResult(
            Name,
            $"a second at {reached:N0} views/s against {FewViews:N0}: apply time {manyWall:N1} ms and {fewWall:N1} ms, median ratio {wall.Median:N2} ({wall.Min:N2}..{wall.Max:N2}), "
            + $"PostgreSQL processor {manyProcessor:N1} ms and {fewProcessor:N1} ms, median ratio {processor.Median:N2} ({processor.Min:N2}..{processor.Max:N2}), "
            + $"target under {Target:N0} {(wall.Median < Target && processor.Median < Target ? "met" : "MISSED")}{(reached < 0.95 * ManyViews ? ", PACE NOT KEPT" : "")}, {options.Pairs} pairs of {options.Seconds} s")
        {
            Server = $"{manyWall:N1} ms/s, processor {manyProcessor:N1} ms/s",
            Bare = $"{fewWall:N1} ms/s, processor {fewProcessor:N1} ms/s",
            Ratio = $"{wall.Median:N2}, processor {processor.Median:N2}",
            Passed = passed,
        };

        async Task<Cost> MeasureAsync(int rate)
        {
            await cluster.Silos[0].Process.SettleAsync(cancellationToken);
            var load = cluster.PaceAsync(rate, LeadIn.Seconds + options.Seconds, cancellationToken);
            await Task.Delay(LeadIn, cancellationToken);
            var before = await Sample.TakeAsync(cluster, cancellationToken);
            await Task.Delay(options.Duration, cancellationToken);
            var after = await Sample.TakeAsync(cluster, cancellationToken);
            var views = await load;
            recorded += views.Recorded;
            unknown += views.Unknown;
            return Cost.Between(before, after, (double)views.Recorded / (LeadIn.Seconds + options.Seconds), views.HeldBack + views.NotRecorded + views.Unknown);
        }
    }

    private sealed record Sample(DateTime At, SiloFacts Silo, Dictionary<int, TimeSpan> Sessions)
    {
        public static async Task<Sample> TakeAsync(BenchCluster cluster, CancellationToken cancellationToken) => new(
            DateTime.UtcNow,
            await cluster.Silos[0].GetFactsAsync(cancellationToken),
            await cluster.Catalogue.GetProcessorTimesAsync(ApplyApart.ApplicationName, cancellationToken));
    }

    /// <summary>Milliseconds a second.</summary>
    private sealed record Cost(double Rate, double Wall, double Processor, long Steps, long Failed)
    {
        public static Cost Between(Sample before, Sample after, double rate, long failed)
        {
            var seconds = (after.At - before.At).TotalSeconds;
            var processor = after.Sessions.Sum(session => (session.Value - before.Sessions.GetValueOrDefault(session.Key)).TotalMilliseconds);
            return new Cost(
                rate, (after.Silo.ApplySeconds - before.Silo.ApplySeconds) * 1e3 / seconds, processor / seconds, after.Silo.ApplySteps - before.Silo.ApplySteps, failed);
        }

        public override string ToString() =>
            $"{Rate:N0} views/s: {Wall:N1} ms/s in {Steps} steps, processor {Processor:N1} ms/s{(Failed == 0 ? "" : $", {Failed:N0} FAILED")}";
    }
}
