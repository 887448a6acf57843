using System.Globalization;
using Streaming.Tests.Http;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>What people did before and while a backup was made, and what of it must be there after its restore.</summary>
internal sealed class BackupTraces : IDisposable
{
    private const int Seed = 20_261_130;
    private const int FileBytes = 100_000;
    private const int Keys = 20;

    private readonly Dictionary<Guid, long> before = [];
    private Dictionary<Guid, long> least = [];
    private Guid[] titles = [];
    private Guid viewer;
    private ViewLoad? load;
    private Uploader? uploader;
    private UnfinishedUpload? unfinished;

    private Guid Keyed => titles[^1];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task LeaveAsync(Uri server)
    {
        using var http = new HttpClient { BaseAddress = server };
        var api = new Api(http);
        titles = [.. (await api.GetAsync("/api/v1/content/ids?limit=10")).IsJson().Json.EnumerateArray().Select(id => id.GetGuid())];
        viewer = (await api.GetAsync("/api/v1/content/users/ids")).IsJson().Json[0].GetGuid();
        foreach (var title in titles)
            before[title] = await CountAsync(api, title);

        load = new ViewLoad(server, titles[..5], titles[5..8], Seed);
        load.Start();
        await SendKeyedAsync(api);
        (await api.SendAsync("PUT", Progress, Api.Json("""{"position_seconds":321,"duration_seconds":1000,"session_id":"tv"}"""))).Is(200);
        uploader = await Uploader.SignUpAsync(server);
        await uploader.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed), "before");
        unfinished = await uploader.BeginAsync(NoiseVideo.Of(FileBytes, Seed + 1), "under way");
        await unfinished.SendAsync(FileBytes / 2);
    }

    /// <summary>Backs up once there is something to back up, and ends the load soon after.</summary>
    public async Task BackUpAsync(Func<Task> backup)
    {
        await Poll.UntilAsync(() => Task.FromResult(load!.Tally.Requests >= 500 || !load.Surprises.IsEmpty ? null : $"{load.Tally.Requests} requests were acknowledged"));
        least = titles.ToDictionary(title => title, title => load!.Tally.RangeOf(title).Least);
        await backup();
        await load!.StopAsync();
        Assert.Empty(load.Surprises);
    }

    public async Task AreThereAsync(Uri server, string? media)
    {
        using var http = new HttpClient { BaseAddress = server };
        var api = new Api(http);
        foreach (var title in titles.Except([Keyed]))
            Assert.InRange(await CountAsync(api, title) - before[title], least[title], load!.Tally.RangeOf(title).Most);

        Assert.Equal(Keys, await CountAsync(api, Keyed) - before[Keyed]);
        await SendKeyedAsync(api);
        // Until they are applied, which finds out that they are there, they show twice.
        await Poll.UntilAsync(async () => await CountAsync(api, Keyed) - before[Keyed] is var count && count == Keys ? null : $"{count} of {Keys} keys count");
        Assert.Equal(321, (await api.GetAsync(Progress)).IsJson().Json.GetProperty("position_seconds").GetInt32());

        // The upload that was under way gives its room back when its lease ends, and is not there by half.
        uploader!.MoveTo(server);
        await uploader.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed + 2), "after");
        Assert.Equal(2, await uploader.SettleAsync(media));
    }

    public void Dispose()
    {
        unfinished?.Dispose();
        uploader?.Dispose();
        load?.Dispose();
    }

    private string Progress => $"/api/v1/users/{viewer}/progress/{titles[0]}";

    private async Task SendKeyedAsync(Api api)
    {
        for (var key = 0; key < Keys; key++)
            (await api.PostAsync($"/api/v1/content/{Keyed}/views/increment", "{}", ("Idempotency-Key", string.Create(CultureInfo.InvariantCulture, $"key-of-a-backup-{key}")))).Is(200);
    }

    private static async Task<long> CountAsync(Api api, Guid title) =>
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();
}
