using System.Globalization;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>The promise that everything hangs on: an acknowledged view survives any death of the process, and counts once.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Seed = 20_260_101;

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    private ViewLoad? load;

    public void Dispose()
    {
        load?.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Acknowledged_views_survive_kills_under_load_and_count_once()
    {
        var random = new Random(Seed);
        Dictionary<Guid, long> before;
        await using (var server = await StartAsync(100))
        {
            using var http = new HttpClient { BaseAddress = server.Address };
            var titles = (await new Api(http).GetAsync("/api/v1/content/ids?limit=10")).IsJson().Json.EnumerateArray().Select(id => id.GetGuid()).ToArray();
            before = await CountAsync(server, titles);
            load = new ViewLoad(server.Address, titles[..6], titles[6..], Seed);
            load.Start();
            await KillUnderLoadAsync(server, load, random);
        }

        // How often rows are applied decides what a kill meets: rows that wait, an apply step, or trimming.
        foreach (var interval in (int[])[1_000, 10, 200, 10, 1_000])
        {
            await KillWhileStartingAsync(random);
            await using var server = await StartAsync(interval);
            await KillUnderLoadAsync(server, load, random);
        }

        await using (var last = await StartAsync(100))
        {
            await AcknowledgedAsync(load, 500);
            await load.StopAsync();

            Assert.Empty(load.Surprises);
            Assert.True(load.Repeated > 0, "No answer to a request with a key was ever lost: the kills met nothing.");
            await Poll.UntilAsync(async () => Wrong(load.Tally, before, await CountAsync(last, before.Keys)));
            await last.StopAsync();
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{load.Tally.Requests} requests acknowledged, {load.Repeated} answers lost and asked for again, {load.Tally.Doubtful} views without a key in doubt.");
        LedgerFiles.AreSettled(folder.Path);
        Assert.Null(Wrong(load.Tally, before, before.Keys.ToDictionary(title => title, title => LedgerFiles.ViewsOf(folder.Path, title))));
        Assert.All(before, title => Assert.Equal(
            LedgerFiles.ViewsOf(folder.Path, title.Key) - title.Value, LedgerFiles.HourlyViewsOf(folder.Path, title.Key)));
    }

    private static async Task KillUnderLoadAsync(ServerProcess server, ViewLoad load, Random random)
    {
        await AcknowledgedAsync(load, random.Next(100, 1_000));
        await server.KillAsync();
    }

    private static Task AcknowledgedAsync(ViewLoad load, int further)
    {
        var until = load.Tally.Requests + further;
        return Poll.UntilAsync(() => Task.FromResult(
            load.Tally.Requests >= until || !load.Surprises.IsEmpty ? null : $"{load.Tally.Requests} of {until} requests were acknowledged"));
    }

    /// <summary>Null when every title's count is right.</summary>
    private static string? Wrong(ViewTally tally, Dictionary<Guid, long> before, Dictionary<Guid, long> now)
    {
        var wrong = before.Keys
            .Select(title => (Title: title, Counted: now[title] - before[title], Range: tally.RangeOf(title)))
            .Where(title => title.Counted < title.Range.Least || title.Counted > title.Range.Most)
            .Select(title => $"{title.Title} counted {title.Counted}, not {title.Range.Least} to {title.Range.Most}")
            .ToList();
        return wrong.Count == 0 ? null : string.Join('\n', wrong);
    }

    private static async Task<Dictionary<Guid, long>> CountAsync(ServerProcess server, IEnumerable<Guid> titles)
    {
        using var http = new HttpClient { BaseAddress = server.Address };
        var api = new Api(http);
        var counts = new Dictionary<Guid, long>();
        foreach (var title in titles)
            counts[title] = (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();

        return counts;
    }

    private Task<ServerProcess> StartAsync(int applyInterval) => ServerProcess.StartReadyAsync(
        folder.Path, port,
        ("Ledger__ApplyIntervalMilliseconds", applyInterval.ToString(CultureInfo.InvariantCulture)),
        ("Ledger__MaxApplyIntervalMilliseconds", applyInterval.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Kills a start at any moment: before the files are open, while the last writer is taken over, or when clients are let in.</summary>
    private async Task KillWhileStartingAsync(Random random)
    {
        await using var server = ServerProcess.Start(folder.Path, port);
        // Not to wait for something, but to be somewhere.
        await Task.Delay(random.Next(300, 1_300), TestContext.Current.CancellationToken);
        await server.KillAsync();
    }
}
