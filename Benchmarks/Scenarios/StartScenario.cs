using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>From the start of the process to the first 200, on an empty folder and again on the folder that left.</summary>
internal static class StartScenario
{
    private const string Name = "start";

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        // Not measured: it warms this process's own HTTP client, which the first answer would otherwise pay for.
        await StartBareAsync(cancellationToken);

        var rounds = new List<(double First, double Second, double Bare)>();
        for (var i = 1; i <= options.Pairs; i++)
        {
            using var folder = new DataFolder();
            var launch = new ServerLaunch(options.ServerPath, folder, Titles: null);
            var first = await StartAsync(launch, cancellationToken);
            var second = await StartAsync(launch, cancellationToken);
            var bare = await StartBareAsync(cancellationToken);
            rounds.Add((first, second, bare));
            Console.WriteLine($"{Name} {i}/{options.Pairs}: first {first:N2} s, second {second:N2} s, bare {bare:N2} s | ratios {first / bare:N1}, {second / bare:N1}");
        }

        var firstTime = Spread.Of(rounds.Select(round => round.First)).Median;
        var secondTime = Spread.Of(rounds.Select(round => round.Second)).Median;
        var bareTime = Spread.Of(rounds.Select(round => round.Bare)).Median;
        var firstRatio = Spread.Of(rounds.Select(round => round.First / round.Bare)).Median;
        var secondRatio = Spread.Of(rounds.Select(round => round.Second / round.Bare)).Median;
        return new ScenarioResult(
            Name,
            $"median first start {firstTime:N2} s (ratio {firstRatio:N1}), second start {secondTime:N2} s (ratio {secondRatio:N1}), bare {bareTime:N2} s, {options.Pairs} rounds")
        {
            Server = $"{firstTime:N2} s, then {secondTime:N2} s",
            Bare = $"{bareTime:N2} s",
            Ratio = $"{firstRatio:N1}, then {secondRatio:N1}",
        };
    }

    private static Task<double> StartAsync(ServerLaunch launch, CancellationToken cancellationToken) =>
        StreamingServer.UseAsync(launch, server => Task.FromResult(server.StartTime.TotalSeconds), cancellationToken);

    private static async Task<double> StartBareAsync(CancellationToken cancellationToken)
    {
        await using var bare = await BareServer.StartAsync(cancellationToken);
        return bare.StartTime.TotalSeconds;
    }
}
