using System.Text;
using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>What readers notice of a crowd that logs in.</summary>
internal static class LoginsScenario
{
    private const string Name = "logins";
    private const string Password = "correct horse battery staple";
    private const int DefaultAccounts = 1_000;
    private const int ReadsPerSecond = 400;
    private const double MaxRatio = 4;

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        return await StreamingServer.UseAsync(
            new ServerLaunch(options.ServerPath, folder, options.TitlesOrDefault), server => RunAsync(server, options, cancellationToken), cancellationToken);
    }

    private static async Task<ScenarioResult> RunAsync(StreamingServer server, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var ids = await server.Api.ReadTitleIdsAsync(cancellationToken);
        var reads = new LoadPlan(server.Port, [.. ids.Select(id => RequestBytes.Get(server.Port, $"/api/v1/content/{id}"))], Zipf.Samples(ids.Length));
        var bodies = Enumerable.Range(0, options.Connections ?? DefaultAccounts)
            .Select(i => $$"""{"email":"person-{{i}}@example.com","password":"{{Password}}"}""").ToArray();
        await server.Api.RegisterAsync(bodies, cancellationToken);
        byte[][] logins = [.. bodies.Select(body => RequestBytes.PostJson(server.Port, "/api/users/login", Encoding.UTF8.GetBytes(body)))];

        // Once to warm both paths up; not counted.
        var warm = new LoginCrowd(server.Port, logins[..Math.Min(logins.Length, 20)]);
        await PacedReaders.RunAsync(reads, ReadsPerSecond, warm.RunAsync(cancellationToken), cancellationToken);

        var passed = warm.Passed;
        var rounds = new List<(LoadResult Alone, LoadResult Beside, LoginCrowd Crowd)>();
        for (var i = 1; i <= options.Pairs; i++)
        {
            await server.Process.SettleAsync(cancellationToken);
            var alone = await PacedReaders.RunAsync(reads, ReadsPerSecond, Task.Delay(options.Duration, cancellationToken), cancellationToken);
            var crowd = new LoginCrowd(server.Port, logins);
            var beside = await PacedReaders.RunAsync(reads, ReadsPerSecond, crowd.RunAsync(cancellationToken), cancellationToken);
            server.Process.ThrowIfExited();
            passed &= crowd.Passed && alone.Failed + beside.Failed == 0;
            rounds.Add((alone, beside, crowd));
            Console.WriteLine($"{Name} {i}/{options.Pairs}: alone {alone} | beside {beside} | {crowd} | p99 ratio {RatioOf(alone, beside):N2}");
        }

        var ratio = Spread.Of(rounds.Select(round => RatioOf(round.Alone, round.Beside)));
        var (p99Alone, p99Beside) = (Median(round => round.Alone.P99), Median(round => round.Beside.P99));
        var seconds = Median(round => round.Crowd.Elapsed) / 1_000;
        return new ScenarioResult(
            Name,
            $"p99 of reads {p99Alone:N2} ms alone, {p99Beside:N2} ms while {logins.Length:N0} log in, median ratio {ratio.Median:N2} ({ratio.Min:N2}..{ratio.Max:N2}), {(ratio.Median < MaxRatio ? "met" : "MISSED")}; all in after {seconds:N1} s, {options.Pairs} pairs")
        {
            Server = $"p99 {p99Beside:N2} ms",
            Bare = $"alone {p99Alone:N2} ms",
            Ratio = $"{ratio.Median:N2} ({ratio.Min:N2}..{ratio.Max:N2})",
            Passed = passed,
        };

        double Median(Func<(LoadResult Alone, LoadResult Beside, LoginCrowd Crowd), TimeSpan> value) =>
            Spread.Of(rounds.Select(round => value(round).TotalMilliseconds)).Median;
    }

    private static double RatioOf(LoadResult alone, LoadResult beside) => beside.P99 / alone.P99;
}
