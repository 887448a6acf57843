using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>One kind of request about one title, over all titles by popularity or over a single one.</summary>
internal sealed class TitleScenario(string name, Func<int, string, byte[]> request)
{
    public const int DefaultConnections = 256;

    public bool SingleTitle { get; init; }
    public bool CountsViews { get; init; }

    public async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        await using var bare = await BareServer.StartAsync(cancellationToken);
        return await StreamingServer.UseAsync(
            new ServerLaunch(options.ServerPath, folder, options.TitlesOrDefault),
            server => RunAsync(server, bare, options, cancellationToken),
            cancellationToken);
    }

    private async Task<ScenarioResult> RunAsync(StreamingServer server, BareServer bare, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var ids = await server.Api.ReadTitleIdsAsync(cancellationToken);
        if (SingleTitle)
            ids = ids[..1];

        var connections = options.Connections ?? DefaultConnections;
        var order = SingleTitle ? [0] : Zipf.Samples(ids.Length);
        var load = new PairedLoad(
            new LoadSide("server", Plan(server.Port), server.Process), new LoadSide("bare", Plan(bare.Port), bare.Process), options, connections);
        var check = CountsViews ? await ViewCheck.BeginAsync(server.Api, () => server.Process.Output, ids, cancellationToken) : null;
        await load.RunAsync(name, null, cancellationToken);
        var passed = check is null || await check.EndAsync(load, 1, cancellationToken);

        var (ratio, min, max) = load.Ratio;
        var (serverRate, bareRate) = (load.ServerRate.Median, load.BareRate.Median);
        var failures = load.Refused.Values.Sum() + load.Unanswered;
        return new ScenarioResult(
            name,
            $"median ratio {ratio:N2} ({min:N2}..{max:N2}), server {serverRate:N0}/s, bare {bareRate:N0}/s, {options.Pairs} pairs of {options.Seconds} s, {connections} connections{(failures == 0 ? "" : $", {failures:N0} failed")}")
        {
            Server = $"{serverRate:N0}/s",
            Bare = $"{bareRate:N0}/s",
            Ratio = $"{ratio:N2} ({min:N2}..{max:N2})",
            Passed = passed,
        };

        LoadPlan Plan(int port) => new(port, [.. ids.Select(id => request(port, id))], order);
    }
}
