using System.Collections.Concurrent;
using System.Diagnostics;
using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;
using Streaming.Storage.Servers;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>One of three silos is killed under load: how long until the others know, until its titles answer, and who noticed.</summary>
internal static class MembershipScenario
{
    private const string Name = "membership";
    private const int Kills = 3;
    private const int Silos = 3;
    private const int DefaultTitles = 3_000;
    private const int DefaultConnections = 64;
    private const int SweepParallelism = 128;
    private const double TargetSeconds = 10;
    private static readonly TimeSpan BeforeKill = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    public static Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken) =>
        BenchCluster.UseAsync(
            new ClusterLaunch(Silos, options.Titles ?? DefaultTitles),
            cluster => RunAsync(cluster, options, cancellationToken),
            cancellationToken);

    private static async Task<ScenarioResult> RunAsync(BenchCluster cluster, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var connections = options.Connections ?? DefaultConnections;
        var rounds = new List<Round>();
        var (acknowledged, unknown) = (0L, 0L);
        for (var i = 1; i <= Kills; i++)
        {
            await cluster.ViewAllAsync(cancellationToken);
            var round = await KillAsync(cluster, connections / 2, cancellationToken);
            rounds.Add(round);
            acknowledged += cluster.Ids.Length + round.Lost.Acknowledged + round.Others.Acknowledged;
            unknown += round.Lost.Unknown + round.Others.Unknown;
            Console.WriteLine($"{Name} {i}/{Kills}: {round}");
            await cluster.StartSiloAsync(cancellationToken);
        }

        var passed = await cluster.CheckAsync(acknowledged, unknown, cancellationToken);
        var dead = Spread.Of(rounds.Select(round => round.Dead.TotalSeconds));
        var answering = Spread.Of(rounds.Select(round => round.Lost.AllAnswer));
        var others = Spread.Of(rounds.Select(round => round.Others.AllAnswer));
        var later = rounds.Max(round => round.Others.FailedLater);
        var isMet = dead.Median < TargetSeconds && answering.Median < Limit.TotalSeconds && later == 0;
        return new ScenarioResult(
            Name,
            $"dead after {dead.Median:N1} s ({dead.Min:N1}..{dead.Max:N1}), its titles answer after {answering.Median:N1} s ({answering.Min:N1}..{answering.Max:N1}), the others' after {others.Median:N1} s, "
            + $"failed: {Median(round => round.Lost.Failed):N0} of {Median(round => round.Lost.Requests):N0} requests for its titles, {Median(round => round.Others.Failed):N0} of {Median(round => round.Others.Requests):N0} for the others', "
            + $"at most {later:N0} of the latter sent after the kill, target {TargetSeconds:N0} s and none {(isMet ? "met" : "MISSED")}, medians of {Kills} kills, {Silos} silos, {connections} connections")
        {
            Server = $"dead {dead.Median:N1} s, answering {answering.Median:N1} s",
            Passed = passed,
        };

        double Median(Func<Round, long> value) => Spread.Of(rounds.Select(round => (double)value(round))).Median;
    }

    private static async Task<Round> KillAsync(BenchCluster cluster, int connections, CancellationToken cancellationToken)
    {
        var places = await cluster.FindPlacesAsync(cancellationToken);
        var victim = cluster.Silos.MaxBy(silo => places.Count(place => place == silo.Address))!;
        var lost = cluster.Ids.Where((_, i) => places[i] == victim.Address).ToArray();
        var others = cluster.Ids.Where((_, i) => places[i] != victim.Address).ToArray();
        if (lost.Length == 0 || others.Length == 0)
            throw new BenchmarkException($"{Name}: all titles live on one silo");

        var mark = new LoadMark();
        var loads = Task.WhenAll(LoadAsync(lost), LoadAsync(others));
        await Task.Delay(BeforeKill, cancellationToken);
        var killed = Stopwatch.GetTimestamp();
        await victim.Process.KillAsync();
        // What was sent while the process died counts as in flight.
        mark.Set();

        var dead = UntilDeadAsync(cluster, victim, killed, cancellationToken);
        var sweeps = await Task.WhenAll(SweepAsync(cluster, lost, killed, cancellationToken), SweepAsync(cluster, others, killed, cancellationToken));
        var results = await loads;
        var round = new Round(await dead, lost.Length, Group.Of(results[0], sweeps[0]), others.Length, Group.Of(results[1], sweeps[1]));
        await cluster.RemoveAsync(victim);
        return round;

        Task<LoadResult> LoadAsync(Guid[] ids) => LoadGenerator.RunAsync(
            new LoadPlan(
                cluster.Port,
                [.. ids.Select(id => RequestBytes.Post(cluster.Port, $"/api/v1/content/{id}/views/increment"))],
                [.. Enumerable.Range(0, ids.Length)]),
            connections, BeforeKill + AfterKill, cancellationToken, mark);
    }

    private const string SelectStatus = "SELECT Status FROM OrleansMembershipTable WHERE DeploymentId = $1 AND Port = $2 AND Generation = $3";

    private static async Task<TimeSpan> UntilDeadAsync(BenchCluster cluster, BenchSilo victim, long killed, CancellationToken cancellationToken)
    {
        var address = SiloAddress.FromParsableString(victim.Address);
        while (Stopwatch.GetElapsedTime(killed) < Limit)
        {
            var rows = await cluster.Servers.Orleans
                .Command(SelectStatus, Value(cluster.Id), Value(address.Endpoint.Port), Value(address.Generation))
                .QueryAsync(r => (SiloStatus)r.GetInt32(0), cancellationToken);
            if (rows is [] or [SiloStatus.Dead])
                return Stopwatch.GetElapsedTime(killed);

            await Task.Delay(PollInterval, cancellationToken);
        }

        return Limit;
    }

    /// <summary>Asks for each title until it has answered once, all requests sent after the kill.</summary>
    private static async Task<Sweep> SweepAsync(BenchCluster cluster, Guid[] ids, long killed, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(15) };
        var waiting = new ConcurrentQueue<Guid>(ids);
        var answers = new ConcurrentQueue<double>();
        var (failed, unknown) = (0L, 0L);
        await Task.WhenAll(Enumerable.Range(0, SweepParallelism).Select(_ => AskAllAsync()));
        var spread = Spread.Of(answers.DefaultIfEmpty(Limit.TotalSeconds));
        return new Sweep(answers.Count, failed, unknown, spread.Median, answers.Count == ids.Length ? spread.Max : Limit.TotalSeconds);

        async Task AskAllAsync()
        {
            while (waiting.TryDequeue(out var id) && Stopwatch.GetElapsedTime(killed) < Limit)
            {
                var status = await AskAsync(http, cluster.Port, id, cancellationToken);
                if (status is >= 200 and < 300)
                {
                    answers.Enqueue(Stopwatch.GetElapsedTime(killed).TotalSeconds);
                    continue;
                }

                Interlocked.Increment(ref failed);
                if (status != 503)
                    Interlocked.Increment(ref unknown);
                waiting.Enqueue(id);
                await Task.Delay(PollInterval, cancellationToken);
            }
        }
    }

    private static async Task<int> AskAsync(HttpClient http, int port, Guid id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}/api/v1/content/{id}/views/increment"), null, cancellationToken);
            return (int)answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return 0;
        }
    }

    private readonly record struct Sweep(long Answered, long Failed, long Unknown, double Half, double All);

    /// <param name="HalfAnswer">Seconds from the kill until half of the titles have answered.</param>
    private sealed record Group(long Acknowledged, long Requests, long Failed, long FailedLater, long Unknown, double HalfAnswer, double AllAnswer, string Failures)
    {
        // 503 says that nothing was recorded; all else that failed may have been.
        public static Group Of(LoadResult load, Sweep sweep) => new(
            load.Acknowledged + sweep.Answered,
            load.Acknowledged + load.Failed + sweep.Answered + sweep.Failed,
            load.Failed + sweep.Failed,
            load.FailedLater + sweep.Failed,
            load.Failed - load.Refused.GetValueOrDefault(503) + sweep.Unknown,
            sweep.Half,
            sweep.All,
            load.Failures);
    }

    private sealed record Round(TimeSpan Dead, int LostTitles, Group Lost, int OtherTitles, Group Others)
    {
        public override string ToString() =>
            $"dead after {Dead.TotalSeconds:N1} s | {LostTitles:N0} titles of it answer after {Lost.AllAnswer:N1} s (half after {Lost.HalfAnswer:N1}), {Lost.Failures}, sent after the kill {Lost.FailedLater:N0} | "
            + $"{OtherTitles:N0} others after {Others.AllAnswer:N1} s (half after {Others.HalfAnswer:N1}), {Others.Failures}, sent after the kill {Others.FailedLater:N0}";
    }
}
