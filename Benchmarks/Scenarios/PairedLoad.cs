using Streaming.Benchmarks.Load;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Alternating timed runs against the server and what it is compared with, so that what disturbs one disturbs the other.</summary>
internal sealed class PairedLoad(LoadSide server, LoadSide bare, BenchmarkOptions options, int connections)
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
    /// <param name="afterServerRun">Called right after each timed server run; its text ends that pair's line.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(string name, Func<Task<string>>? afterServerRun, CancellationToken cancellationToken)
    {
        await server.SettleAsync(cancellationToken);
        var warm = await LoadServerAsync(WarmUp, cancellationToken);
        if (warm.Acknowledged == 0)
            throw new BenchmarkException($"{name}: {server.Name} gave no 2xx answer during the warm-up, {warm.Failures}");
        await server.SettleAsync(cancellationToken);
        await LoadBareAsync(WarmUp, cancellationToken);

        for (var i = 1; i <= options.Pairs; i++)
        {
            var measured = await LoadServerAsync(options.Duration, cancellationToken);
            var note = afterServerRun is null ? "" : $" | {await afterServerRun()}";
            var settled = await server.SettleAsync(cancellationToken);
            var baseline = await LoadBareAsync(options.Duration, cancellationToken);
            _pairs.Add((measured, baseline));
            Console.WriteLine($"{name} {i}/{options.Pairs}: {server.Name} {measured}, idle after {settled.TotalSeconds:N1} s | {bare.Name} {baseline} | ratio {measured.Rate / baseline.Rate:N3}{note}");
        }
    }

    private async Task<LoadResult> LoadServerAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await LoadGenerator.RunAsync(server.Plan, connections, duration, cancellationToken);
        server.ThrowIfExited();
        Acknowledged += result.Acknowledged;
        Unanswered += result.Unanswered;
        foreach (var (status, count) in result.Refused)
            Refused[status] = Refused.GetValueOrDefault(status) + count;
        return result;
    }

    private async Task<LoadResult> LoadBareAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var result = await LoadGenerator.RunAsync(bare.Plan, connections, duration, cancellationToken);
        bare.ThrowIfExited();
        return result.Acknowledged > 0 ? result : throw new BenchmarkException($"{bare.Name} gave no 2xx answer, {result.Failures}");
    }
}
