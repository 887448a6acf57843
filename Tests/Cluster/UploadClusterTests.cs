using Npgsql;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>Uploads over fronts and silos that are processes of their own, some of which die.</summary>
[Collection(ServersTests.Name)]
public sealed class UploadClusterTests : IAsyncLifetime
{
    private const int Seed = 20_260_502;
    private const int FileBytes = 9 * Uploader.Megabyte;

    private readonly ServersFixture stores = new();
    private readonly SiloCluster cluster = new(UploadSettings.Cluster);

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Front_killed_in_the_middle_of_an_upload_leaves_nothing_and_the_person_goes_on_at_another()
    {
        await cluster.StartSilosAsync(2);
        var fronts = await Task.WhenAll(cluster.StartFrontAsync(), cluster.StartFrontAsync());
        using var person = await Uploader.SignUpAsync(fronts[0].Address);
        await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed), "before");

        // They take all the room that there is: the next one fits when their leases are over.
        var lost = new List<UnfinishedUpload>();
        for (var i = 0; i < 4; i++)
        {
            lost.Add(await person.BeginAsync(NoiseVideo.Of(FileBytes, Seed + i), $"lost {i}"));
            await lost[i].SendAsync(FileBytes / 2);
        }

        await Uploader.UntilSpooledAsync(cluster.MediaFolder, lost.Count);
        (await person.UploadAsync(NoiseVideo.Of(FileBytes, Seed), "too much")).Is(400);
        await fronts[0].KillAsync();
        lost.ForEach(upload => upload.Dispose());
        person.MoveTo(fronts[1].Address);

        await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed + 10), "after");
        Assert.Equal(2, await person.SettleAsync(cluster.MediaFolder));
        await UntilSweptAsync(2);
        await fronts[1].StopAsync();
    }

    [Fact]
    public async Task Silo_killed_in_the_middle_of_an_upload_lets_it_end_well_or_refuses_it()
    {
        var silos = (await cluster.StartSilosAsync(2)).ToList();
        var front = await cluster.StartFrontAsync();
        using var person = await Uploader.SignUpAsync(front.Address);
        for (var round = 0; round < 2; round++)
        {
            var (title, file) = ($"round {round}", NoiseVideo.Of(FileBytes, Seed + round));
            using var upload = await person.BeginAsync(file, title, saysLength: round == 0);
            await upload.SendAsync(FileBytes / 2);
            await Uploader.UntilSpooledAsync(cluster.MediaFolder);

            await silos[0].KillAsync();
            await upload.SendRestAsync();

            var (status, text) = await upload.AnswerAsync();
            TestContext.Current.TestOutputHelper?.WriteLine($"The upload was answered with {status}.");
            Assert.True(status is 200 or 503 or 504, text);
            person.Take(title, file, status);
            silos.RemoveAt(0);
            silos.Add(await cluster.StartSiloAsync());
            await person.SettleAsync(cluster.MediaFolder);
        }

        await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed + 10), "after");
        await UntilSweptAsync(await person.SettleAsync(cluster.MediaFolder));
        await front.StopAsync();
    }

    [Fact]
    public async Task Parallel_uploads_over_all_fronts_and_silos_never_take_more_than_the_limit()
    {
        await cluster.StartSilosAsync(2);
        var fronts = await Task.WhenAll(cluster.StartFrontAsync(), cluster.StartFrontAsync());
        using var person = await Uploader.SignUpAsync(fronts[0].Address);

        var uploads = Task.WhenAll(Enumerable.Range(0, 10).Select(i =>
            Task.Run(() => UploadWhenThereIsTimeAsync(person, i, fronts[i % 2].Address))));
        var most = 0.0;
        await Poll.UntilAsync(async () =>
        {
            most = Math.Max(most, await person.StoredMegabytesAsync());
            return uploads.IsCompleted ? null : "uploads are under way";
        });

        // Five of 9 MB fit into 50, which the second system took up to seven of.
        var answers = await uploads;
        Assert.Equal(5, answers.Count(answer => answer.Status == 200));
        foreach (var refused in answers.Where(answer => answer.Status != 200))
            Assert.Contains("Exceeding total storage limit of 50MB", refused.Is(400, "application/problem+json").Text, StringComparison.Ordinal);

        Assert.InRange(most, 0, 50);
        Assert.Equal(45, await person.StoredMegabytesAsync());
        Assert.Equal(5, await person.SettleAsync(cluster.MediaFolder));
        await UntilSweptAsync(5);
    }

    /// <summary>Again while a machine without processor to spare says that it is busy.</summary>
    private static async Task<Answer> UploadWhenThereIsTimeAsync(Uploader person, int number, Uri front)
    {
        Answer? answer = null;
        await Poll.UntilAsync(async () =>
        {
            answer = await person.UploadAsync(NoiseVideo.Of(FileBytes, Seed + number), $"clip {number}", front);
            return answer.Status == 503 ? answer.Text : null;
        });
        return answer!;
    }

    /// <summary>Waits until there are no rows but those of what plays.</summary>
    private static Task UntilSweptAsync(int videos) => Poll.UntilAsync(async () =>
    {
        await using var analytics = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(TestServers.Analytics) { Pooling = false });
        await using var count = analytics.CreateCommand("SELECT count(*), count(*) FILTER (WHERE state = 'stored') FROM videos");
        await using var reader = await count.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        await reader.ReadAsync(TestContext.Current.CancellationToken);
        var (all, stored) = (reader.GetInt64(0), reader.GetInt64(1));
        return all == videos && stored == videos ? null : $"{all} rows, {stored} of them stored, of {videos} videos";
    });
}
