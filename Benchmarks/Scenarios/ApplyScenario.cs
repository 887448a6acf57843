using System.Diagnostics;
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

    private const int WarmUpSeconds = 3;

    // Steps come in rounds, the costlier the rarer. A window goes from one round's first step to that of a later round, so that it
    // holds whole rounds with the views of all its time.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxRest = TimeSpan.FromSeconds(15);

    public static Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos: 1, options.TitlesOrDefault, IsApplyApart: true),
            cluster => RunAsync(cluster, options, cancellationToken),
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(BenchCluster cluster, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        await cluster.ViewAllAsync(cancellationToken);
        var warm = await cluster.PaceAsync(ManyViews, WarmUpSeconds, cancellationToken);
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
            + $"target under {Target:N0} {(wall.Median < Target && processor.Median < Target ? "met" : "MISSED")}{(reached < 0.95 * ManyViews ? ", PACE NOT KEPT" : "")}, {options.Pairs} pairs of {options.Seconds} s or more")
        {
            Server = $"{manyWall:N1} ms/s, processor {manyProcessor:N1} ms/s",
            Bare = $"{fewWall:N1} ms/s, processor {fewProcessor:N1} ms/s",
            Ratio = $"{wall.Median:N2}, processor {processor.Median:N2}",
            Passed = passed,
        };

        async Task<Cost> MeasureAsync(int rate)
        {
            await cluster.UntilAppliedAsync(cancellationToken);
            await cluster.Silos[0].Process.SettleAsync(cancellationToken);
            var load = cluster.PaceAsync(rate, options.Seconds + (2 * (int)MaxRest.TotalSeconds), cancellationToken);
            var before = await UntilRoundAsync(TimeSpan.Zero);
            var after = await UntilRoundAsync(options.Duration);
            var views = await cluster.StopPaceAsync(load, cancellationToken);
            recorded += views.Recorded;
            unknown += views.Unknown;
            return Cost.Between(before, after, views);
        }

        // Right after a step that comes after a rest, when at least so much time has passed.
        async Task<Sample> UntilRoundAsync(TimeSpan atLeast)
        {
            var clock = Stopwatch.StartNew();
            var quiet = Stopwatch.StartNew();
            for (var facts = await cluster.Silos[0].GetFactsAsync(cancellationToken); clock.Elapsed < atLeast + MaxRest;)
            {
                await Task.Delay(PollInterval, cancellationToken);
                var next = await cluster.Silos[0].GetFactsAsync(cancellationToken);
                if (next.ApplySteps == facts.ApplySteps)
                    continue;

                facts = next;
                if (quiet.Elapsed > Rest && clock.Elapsed > atLeast)
                    break;
                quiet.Restart();
            }

            return await Sample.TakeAsync(cluster, cancellationToken);
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
    private sealed record Cost(double Rate, double Seconds, double Wall, double Processor, long Steps, long Failed)
    {
        public static Cost Between(Sample before, Sample after, PacedViews views)
        {
            var seconds = (after.At - before.At).TotalSeconds;
            var processor = after.Sessions.Sum(session => (session.Value - before.Sessions.GetValueOrDefault(session.Key)).TotalMilliseconds);
            return new Cost(
                views.Recorded / views.Seconds,
                seconds,
                (after.Silo.ApplySeconds - before.Silo.ApplySeconds) * 1e3 / seconds,
                processor / seconds,
                after.Silo.ApplySteps - before.Silo.ApplySteps,
                views.HeldBack + views.NotRecorded + views.Unknown);
        }

        public override string ToString() =>
            $"{Rate:N0} views/s: {Wall:N1} ms/s in {Steps} steps of {Seconds:N1} s, processor {Processor:N1} ms/s{(Failed == 0 ? "" : $", {Failed:N0} FAILED")}";
    }
}
