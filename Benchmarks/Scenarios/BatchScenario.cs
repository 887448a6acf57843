using System.Text;
using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>
/// Many views in one request. Whether applying keeps up with acknowledging shows in three places: refusals (503) once
/// the server's backlog passes its bound, the journal's size, and the time until the server is idle again.
/// </summary>
internal static class BatchScenario
{
    private const string Name = "batch";
    private const int DefaultConnections = 16;
    private const int Payloads = 64;
    private const string Journal = "journal.db*";
    private static readonly TimeSpan JournalWait = TimeSpan.FromSeconds(3);

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        await using var bare = await BareServer.StartAsync(cancellationToken);
        return await StreamingServer.UseAsync(
            new ServerLaunch(options.ServerPath, folder, options.TitlesOrDefault),
            server => RunAsync(server, bare, folder, options, cancellationToken),
            cancellationToken);
    }

    private static async Task<ScenarioResult> RunAsync(
        StreamingServer server, BareServer bare, DataFolder folder, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var connections = options.Connections ?? DefaultConnections;
        var ids = await server.Api.ReadTitleIdsAsync(cancellationToken);
        var bodies = Bodies(ids, options.Entries);
        var order = Enumerable.Range(0, Payloads).ToArray();
        var load = new PairedLoad(
            new LoadSide("server", Plan(server.Port), server.Process), new LoadSide("bare", Plan(bare.Port), bare.Process), options, connections);
        var check = await ViewCheck.BeginAsync(server.Api, () => server.Process.Output, ids, cancellationToken);
        var before = folder.Size(Journal);
        var (atEnd, later) = (0L, 0L);
        await load.RunAsync(
            Name,
            async () =>
            {
                atEnd = folder.Size(Journal);
                await Task.Delay(JournalWait, cancellationToken);
                later = folder.Size(Journal);
                return $"journal {Megabytes(atEnd)}, {JournalWait.TotalSeconds:N0} s later {Megabytes(later)}";
            },
            cancellationToken);

        var passed = await check.EndAsync(load, options.Entries, cancellationToken);
        var (views, slowest, fastest) = load.ServerRate;
        var (ratio, min, max) = load.Ratio;
        var refused = load.Refused.GetValueOrDefault(503);
        var otherFailures = load.Refused.Values.Sum() - refused + load.Unanswered;
        return new ScenarioResult(
            Name,
            $"median {views * options.Entries:N0} views/s acknowledged ({slowest * options.Entries:N0}..{fastest * options.Entries:N0}), "
            + $"median ratio {ratio:N3} ({min:N3}..{max:N3}), {refused:N0} refused (503), {otherFailures:N0} other failures, "
            + $"journal {Megabytes(before)} before, {Megabytes(atEnd)} at the end, {Megabytes(later)} {JournalWait.TotalSeconds:N0} s after, "
            + $"{options.Pairs} rounds of {options.Seconds} s, {connections} connections, {options.Entries:N0} entries")
        {
            Server = $"{views * options.Entries:N0} views/s, {refused:N0} refused",
            Bare = $"{load.BareRate.Median * options.Entries:N0} views/s",
            Ratio = $"{ratio:N3} ({min:N3}..{max:N3})",
            Passed = passed,
        };

        LoadPlan Plan(int port) => new(port, [.. bodies.Select(body => RequestBytes.PostJson(port, "/api/v1/views", body))], order);
    }

    private static byte[][] Bodies(string[] ids, int entries) =>
        [.. Zipf.Samples(ids.Length, Payloads * entries).Chunk(entries).Select(picks => Body(picks.Select(pick => ids[pick])))];

    private static byte[] Body(IEnumerable<string> ids) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', ids.Select(id => $$"""{"content_id":"{{id}}","count":1}"""))}]");

    private static string Megabytes(long bytes) => $"{bytes / 1e6:N1} MB";
}
