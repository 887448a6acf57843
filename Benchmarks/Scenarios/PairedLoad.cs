using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Alternating timed runs against the server and the bare endpoint, so that what disturbs one disturbs the other.</summary>
internal sealed class PairedLoad(StreamingServer server, BareServer bare, BenchmarkOptions options, int connections)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly List<(LoadResult Server, LoadResult Bare)> _pairs = [];

    public Spread ServerRate => Spread.Of(_pairs.Select(pair => pair.Server.Rate));
    public Spread BareRate => Spread.Of(_pairs.Select(pair => pair.Bare.Rate));
    public Spread Ratio => Spread.Of(_pairs.Select(pair => pair.Server.Rate / pair.Bare.Rate));

    /// <summary>2xx answers of the server, warm-up included.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Requests to the server without an answer, warm-up included.</summary>
    public long Unanswered { get; private set; }

    /// <summary>The server's answers of each status outside 2xx, warm-up included.</summary>
    public Dictionary<int, long> Refused { get; } = [];

    /// <param name="name">The scenario, for the lines printed.</param>
    /// <param name="plan">What to send, for a port.</param>
    /// <param name="afterServerRun">Called right after each timed server run; its text ends that pair's line.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(string name, Func<int, LoadPlan> plan, Func<Task<string>>? afterServerRun, CancellationToken cancellationToken)
    {
        var serverPlan = plan(server.Port);
        var barePlan = plan(bare.Port);
        await server.Process.SettleAsync(cancellationToken);
        var warm = await LoadServerAsync(serverPlan, WarmUp, cancellationToken);
        if (warm.Acknowledged == 0)
            throw new BenchmarkException($"{name}: the server gave no 2xx answer during the warm-up, {warm.Failures}");
        await server.Process.SettleAsync(cancellationToken);
        await LoadBareAsync(barePlan, WarmUp, cancellationToken);

        for (var i = 1; i <= options.Pairs; i++)
        {
            var measured = await LoadServerAsync(serverPlan, options.Duration, cancellationToken);
            var note = afterServerRun is null ? "" : $" | {await afterServerRun()}";
            var settled = await server.Process.SettleAsync(cancellationToken);
            var baseline = await LoadBareAsync(barePlan, options.Duration, cancellationToken);
            _pairs.Add((measured, baseline));
            Console.WriteLine($"{name} {i}/{options.Pairs}: server {measured}, idle after {settled.TotalSeconds:N1} s | bare {baseline} | ratio {measured.Rate / baseline.Rate:N3}{note}");
        }
    }

    private async Task<LoadResult> LoadServerAsync(LoadPlan plan, TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await LoadGenerator.RunAsync(plan, connections, duration, cancellationToken);
        server.Process.ThrowIfExited();
        Acknowledged += result.Acknowledged;
        Unanswered += result.Unanswered;
        foreach (var (status, count) in result.Refused)
            Refused[status] = Refused.GetValueOrDefault(status) + count;
        return result;
    }

    private async Task<LoadResult> LoadBareAsync(LoadPlan plan, TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await LoadGenerator.RunAsync(plan, connections, duration, cancellationToken);
        bare.ThrowIfExited();
        return result.Acknowledged > 0 ? result : throw new BenchmarkException($"the bare endpoint gave no 2xx answer, {result.Failures}");
    }
}
