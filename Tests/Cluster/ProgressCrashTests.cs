using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

public sealed class ProgressCrashTests : IDisposable
{
    private const int Viewers = 24;
    private const int Rounds = 4;

    // Between two of the last heartbeats, which count when enough time has passed.
    private static readonly TimeSpan AtEnd = TimeSpan.FromMilliseconds(100);

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Acknowledged_positions_survive_kills_and_each_viewer_counts_once()
    {
        var random = new Random(3);
        Playback[] playbacks = [];
        var waiting = new ConcurrentQueue<Playback>();
        Dictionary<Guid, long> before = [];
        for (var round = 0; round <= Rounds; round++)
        {
            await using var server = await ServerProcess.StartReadyAsync(folder.Path, port, ("Ledger__ApplyIntervalMilliseconds", round % 2 == 0 ? "20" : "1000"),
                ("Viewing__QualifyingSeconds", "2"), ("Viewing__ParallelSessions", "1000"));
            using var http = new HttpClient { BaseAddress = server.Address };
            var api = new Api(http);
            if (round == 0)
            {
                (playbacks, before) = await PrepareAsync(api);
                waiting = new ConcurrentQueue<Playback>(playbacks);
            }

            foreach (var playback in playbacks)
                await IsThereAsync(api, playback);

            var beats = round == Rounds ? int.MaxValue : random.Next(100, 500);
            var viewers = Task.WhenAll(Enumerable.Range(0, Viewers).Select(_ => Task.Run(() => PlayAsync(http, waiting, () => Interlocked.Decrement(ref beats)))));
            if (round == Rounds)
            {
                await viewers;
                await Poll.UntilAsync(() => WrongAsync(api, before, playbacks));
                await server.StopAsync();
                break;
            }

            await Poll.UntilAsync(() => Task.FromResult(Volatile.Read(ref beats) <= 0 || viewers.IsCompleted ? null : $"{beats} heartbeats to go"));
            await server.KillAsync();
            await viewers;
        }

        Assert.All(playbacks, playback => Assert.True(playback.IsFinished));
        LedgerFiles.AreSettled(folder.Path);
        Assert.All(before, title => Assert.Equal(
            title.Value + playbacks.Count(playback => playback.Title == title.Key), LedgerFiles.ViewsOf(folder.Path, title.Key)));
    }

    /// <summary>Plays what was begun and then what waits, until the server goes or nothing is left.</summary>
    private static async Task PlayAsync(HttpClient http, ConcurrentQueue<Playback> waiting, Action acknowledged)
    {
        while (waiting.TryDequeue(out var playback))
        {
            while (!playback.IsFinished)
            {
                try
                {
                    using var content = Api.Json(playback.Heartbeat);
                    using var answer = await http.PutAsync(new Uri(playback.Path, UriKind.Relative), content, TestContext.Current.CancellationToken);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                    acknowledged();
                    if (!playback.IsAtEnd || JsonElement.Parse(text).GetProperty("view_counted").GetBoolean())
                        playback.Acknowledge();
                    else
                        await Task.Delay(AtEnd, TestContext.Current.CancellationToken);
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // Killed. The same heartbeat is sent again to the next process.
                    waiting.Enqueue(playback);
                    return;
                }
            }
        }
    }

    private static async Task IsThereAsync(Api api, Playback playback)
    {
        var answer = await api.GetAsync(playback.Path);
        if (answer.Status == 404)
            Assert.Null(playback.Acknowledged);
        else
            Assert.Contains(answer.IsJson().Json.GetProperty("position_seconds").GetInt32(), new HashSet<int> { playback.Acknowledged ?? playback.Sent, playback.Sent });
    }

    private static async Task<string?> WrongAsync(Api api, Dictionary<Guid, long> before, Playback[] playbacks)
    {
        foreach (var (title, views) in before)
        {
            var expected = views + playbacks.Count(playback => playback.Title == title);
            if (await ViewsAsync(api, title) is var counted && counted != expected)
                return $"{title} counted {counted}, not {expected}";
        }

        return null;
    }

    private static async Task<(Playback[], Dictionary<Guid, long>)> PrepareAsync(Api api)
    {
        var titles = (await api.GetAsync("/api/v1/content/ids?limit=8")).IsJson().Json.EnumerateArray().Select(id => id.GetGuid()).ToList();
        var users = (await api.GetAsync("/api/v1/content/users/ids")).IsJson().Json.EnumerateArray().Select(id => id.GetGuid()).ToList();
        var before = new Dictionary<Guid, long>();
        foreach (var title in titles)
            before[title] = await ViewsAsync(api, title);

        return ([.. titles.SelectMany(title => users.Select(user => new Playback(user, title)))], before);
    }

    private static async Task<long> ViewsAsync(Api api, Guid title) =>
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();
}
