using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Tests.Storage;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>The program dies in the middle of uploads: one that was acknowledged is there, and of the others nothing is.</summary>
public sealed class UploadCrashTests : IDisposable
{
    private const int Seed = 20_260_501;
    private const int FileBytes = 4 * Uploader.Megabyte;

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    private string Media => Path.Combine(folder.Path, "media");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Killed_program_keeps_no_half_of_an_upload_and_takes_the_next()
    {
        Uploader person;
        await using (var first = await StartAsync())
        {
            person = await Uploader.SignUpAsync(first.Address);
            await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed), "before");
            using var upload = await person.BeginAsync(NoiseVideo.Of(FileBytes, Seed + 1), "killed in the middle");
            await upload.SendAsync(FileBytes / 2);
            await Uploader.UntilSpooledAsync(Media);
            await first.KillAsync();
        }

        using (person)
        {
            await using var second = await StartAsync();
            Assert.Equal(1, await person.SettleAsync(Media));
            await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed + 2), "after");
            Assert.Equal(2, await person.SettleAsync(Media));
            await UntilSweptAsync(2);
            await second.StopAsync();
        }

        Assert.Equal(2, CountRows("stored"));
    }

    [Fact]
    public async Task Program_killed_as_uploads_end_has_each_whole_or_not_at_all()
    {
        var random = new Random(Seed);
        var server = await StartAsync();
        using var person = await Uploader.SignUpAsync(server.Address);
        for (var round = 0; round < 4; round++)
        {
            var title = $"round {round.ToString(CultureInfo.InvariantCulture)}";
            var file = NoiseVideo.Of(FileBytes, Seed + round);
            using var upload = await person.BeginAsync(file, title);
            await upload.SendRestAsync();
            var answer = upload.AnswerAsync();
            // Not to wait for something, but to be somewhere between the last byte and the answer.
            await Task.WhenAny(answer, Task.Delay(random.Next(60), TestContext.Current.CancellationToken));
            await server.KillAsync();
            person.Take(title, file, (await answer).Status);
            await server.DisposeAsync();
            server = await StartAsync();
            await person.SettleAsync(Media);
        }

        await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed - 1), "after");
        var count = await person.SettleAsync(Media);
        await UntilSweptAsync(count);
        await server.StopAsync();
        await server.DisposeAsync();
        Assert.Equal(count, CountRows("stored"));
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartReadyAsync(folder.Path, port, [.. UploadSettings.Quick]);

    /// <summary>Waits until there are no rows but those of what plays.</summary>
    private Task UntilSweptAsync(int videos) => Poll.UntilAsync(() =>
        Task.FromResult(CountRows() is var rows && rows == videos ? null : $"{rows} rows of {videos} videos"));

    private long CountRows(string? state = null)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder.Path, "analytics.db"), Pooling = false, Mode = SqliteOpenMode.ReadOnly };
        using var connection = new SqliteConnection(source.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM videos WHERE $state IS NULL OR state = $state";
        command.Parameters.AddWithValue("$state", (object?)state ?? DBNull.Value);
        return (long)command.ExecuteScalar()!;
    }
}
