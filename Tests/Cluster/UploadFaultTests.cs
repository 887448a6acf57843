using System.Globalization;
using Streaming.Tests.Storage;
using Streaming.Tests.Videos;

namespace Streaming.Tests.Processes;

/// <summary>What keeps an upload from its end without killing anybody: a full disk, a media store that is away, a client that drips.</summary>
public sealed class UploadFaultTests : IDisposable
{
    private const int Seed = 20_260_503;
    private const int FileBytes = 9 * Uploader.Megabyte;

    private readonly TemporaryFolder folder = new();
    private readonly int port = LoopbackPort.Take();

    private string Media => Path.Combine(folder.Path, "media");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Full_disk_is_told_whenever_it_is_found_and_what_fits_is_taken_as_before()
    {
        using var disk = SmallDisk.Mount(megabytes: 24);
        await using var server = await StartAsync(("Media__Path", disk.Path), ("Media__MinFreeMegabytes", "0"));
        using var person = await Uploader.SignUpAsync(server.Address);
        for (var i = 0; i < 2; i++)
            await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes, Seed + i), $"fits {i}");

        var tooMuch = NoiseVideo.Of(FileBytes, Seed + 2);
        (await person.UploadAsync(tooMuch, "known before it comes")).IsProblem(507);
        // One that does not say its length is met by the end of the disk.
        using var upload = await person.BeginAsync(tooMuch, "found on the way", saysLength: false);
        await upload.SendRestAsync();
        var (status, text) = await upload.AnswerAsync();
        Assert.True(status == 507, text);

        Assert.Equal(2, await person.SettleAsync(disk.Path));
        await person.UploadAtLastAsync(NoiseVideo.Of(FileBytes / 3, Seed + 3), "fits still");
        Assert.Equal(3, await person.SettleAsync(disk.Path));
        await server.StopAsync();
    }

    [Fact]
    public async Task Cloudinary_that_is_away_is_told_and_holds_nothing_reserved()
    {
        var nobody = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Take()}");
        await using var server = await StartAsync(
            ("Media__Store", "Cloudinary"), ("Cloudinary__CloudName", "nobody"), ("Cloudinary__ApiKey", "1"), ("Cloudinary__ApiSecret", "a secret"),
            ("Cloudinary__ApiUrl", nobody), ("Cloudinary__DeliveryUrl", nobody));
        using var person = await Uploader.SignUpAsync(server.Address);

        // Were the reservation of the first still there, the second would be told that it is uploading.
        for (var i = 0; i < 2; i++)
            (await person.UploadAsync(NoiseVideo.Of(FileBytes, Seed + i), $"refused {i}")).IsProblem(503);

        Assert.Equal(0, await person.SettleAsync(Media));
        await server.StopAsync();
    }

    [Fact]
    public async Task Client_that_drips_is_sent_away_and_its_reservation_is_free()
    {
        await using var server = await StartAsync(("Uploads__GraceSeconds", "2"), ("Uploads__MinBytesPerSecond", "16384"));
        using var person = await Uploader.SignUpAsync(server.Address);
        var file = NoiseVideo.Of(FileBytes, Seed);
        using var upload = await person.BeginAsync(file, "drips");
        await upload.SendAsync(1_000);

        var answer = upload.AnswerAsync();
        await Poll.UntilAsync(async () =>
        {
            await upload.TrySendAsync(100);
            return answer.IsCompleted ? null : "it may drip on";
        });

        var (status, text) = await answer;
        Assert.True(status is 0 or 408, text);
        await person.UploadAtLastAsync(file, "at once");
        Assert.Equal(1, await person.SettleAsync(Media));
        await server.StopAsync();
    }

    private Task<ServerProcess> StartAsync(params (string Name, string Value)[] settings) =>
        ServerProcess.StartReadyAsync(folder.Path, port, [.. UploadSettings.Quick, .. settings]);
}
