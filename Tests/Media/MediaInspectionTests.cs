using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Streaming.Storage.Media;
using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed class MediaInspectionTests : IAsyncDisposable
{
    private readonly MediaFiles files = new();
    private readonly TemporaryFolder tools = new();
    private readonly VideoDouble video = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Guid id = Guid.NewGuid();
    private MediaInspection? inspection;

    public static TheoryData<VideoFormat> Formats => [.. Enum.GetValues<VideoFormat>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string VideoPath => files.Folder.FileOf(id, MediaKind.Video);

    private string ImagePath => files.Folder.FileOf(id, MediaKind.Image);

    public async ValueTask DisposeAsync()
    {
        if (inspection is not null)
            await inspection.StopAsync(CancellationToken.None);

        inspection?.Dispose();
        await services.DisposeAsync();
        tools.Dispose();
        files.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_video_gets_its_duration_and_an_image(VideoFormat format)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.DrawAsync(format, VideoPath, Cancel);
        await InspectAsync(format);

        Assert.InRange(video.Duration!.Value, SampleVideos.Seconds - 0.3, SampleVideos.Seconds + 0.3);
        // No larger than is shown in a list, and of the video's shape.
        Assert.Equal((640, 360), await SizeOfImageAsync());
        Assert.Equal(2, files.All.Length);
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n")]
    [InlineData("ffconcat version 1.0\nfile '/etc/hostname'\n")]
    [InlineData("")]
    [InlineData("\0\0\0 ftypisom, and nothing of a video")]
    public async Task What_is_no_video_gets_neither(string content)
    {
        SampleVideos.Require();
        await PutAsync(content);
        await InspectAsync(VideoFormat.Mp4);
        Assert.Null(video.Duration);
        Assert.False(File.Exists(ImagePath));
    }

    [Fact]
    public async Task A_video_that_was_removed_meanwhile_leaves_nothing()
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.DrawAsync(VideoFormat.Mp4, VideoPath, Cancel);
        video.IsThere = false;
        await InspectAsync(VideoFormat.Mp4);
        Assert.Empty(files.All);
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_with_its_children()
    {
        Pretend("ffprobe", $"echo $$ > {tools.Path}/parent\n/bin/sleep 1000 & echo $! > {tools.Path}/child; wait");
        Pretend("ffmpeg", "exit 1");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.Mp4);

        foreach (var name in new[] { "parent", "child" })
        {
            var process = int.Parse(await File.ReadAllTextAsync(Path.Combine(tools.Path, name), Cancel), CultureInfo.InvariantCulture);
            await Poll.UntilAsync(() => Task.FromResult(IsRunning(process) ? $"The {name} runs." : null));
        }
    }

    [Fact]
    public async Task A_program_that_is_too_talkative_is_not_listened_to()
    {
        Pretend("ffprobe", "while echo 1; do :; done");
        Pretend("ffmpeg", $"echo made > {tools.Path}/called; while echo 1 >&2; do :; done");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.Mp4, seconds: 60);
        Assert.Null(video.Duration);
        Assert.True(File.Exists(Path.Combine(tools.Path, "called")));
    }

    [Fact]
    public async Task Programs_get_nothing_of_this_ones_environment_and_bounded_memory_time_and_files()
    {
        Environment.SetEnvironmentVariable("STREAMING_SECRET_OF_A_TEST", "secret");
        Pretend("ffprobe", $"/usr/bin/env > {tools.Path}/environment; ulimit -v > {tools.Path}/memory; ulimit -t > {tools.Path}/time; ulimit -f > {tools.Path}/size");
        Pretend("ffmpeg", "exit 1");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.Mp4, seconds: 60);

        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(Path.Combine(tools.Path, "environment"), Cancel), StringComparison.OrdinalIgnoreCase);
        foreach (var limit in new[] { "memory", "time", "size" })
            Assert.True(long.TryParse(await File.ReadAllTextAsync(Path.Combine(tools.Path, limit), Cancel), CultureInfo.InvariantCulture, out _), $"The {limit} is not bounded.");
    }

    [Fact]
    public async Task Without_the_programs_nothing_happens()
    {
        await PutAsync("anything");
        await StartAsync(1);
        inspection!.Enqueue(id, VideoFormat.Mp4);
        await inspection.ExecuteTask!;
        Assert.Null(video.Duration);
    }

    [Fact]
    public void What_is_too_much_is_dropped_and_counted()
    {
        Pretend("ffprobe", "exit 1");
        Pretend("ffmpeg", "exit 1");
        long dropped = 0;
        using var listener = Listen("streaming.media.inspections.dropped", count => Interlocked.Add(ref dropped, count));
        inspection = Make(1);
        for (var i = 0; i < 1_003; i++)
            inspection.Enqueue(Guid.NewGuid(), VideoFormat.Mp4);

        Assert.Equal(3, dropped);
    }

    private async Task PutAsync(string content)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await File.WriteAllTextAsync(VideoPath, content, Cancel);
    }

    /// <summary>Has the video looked at, and waits until that is over.</summary>
    private async Task InspectAsync(VideoFormat format, int? seconds = null)
    {
        var isReal = Directory.GetFiles(tools.Path).Length == 0;
        var done = new TaskCompletionSource();
        using var listener = Listen("streaming.media.inspected", _ => done.TrySetResult());
        if (isReal)
            await StartAsync(seconds ?? 120, toolsPath: null);
        else
            await StartAsync(seconds ?? 1);

        inspection!.Enqueue(id, format);
        await done.Task.WaitAsync(TimeSpan.FromMinutes(3), Cancel);
    }

    private Task StartAsync(int seconds) => StartAsync(seconds, tools.Path);

    private Task StartAsync(int seconds, string? toolsPath)
    {
        inspection = Make(seconds, toolsPath);
        return inspection.StartAsync(Cancel);
    }

    private MediaInspection Make(int seconds) => Make(seconds, tools.Path);

    private MediaInspection Make(int seconds, string? toolsPath)
    {
        MediaFolder.Make(files.Folder.Incoming);
        return new MediaInspection(
            files.Store, files.Folder, video.Factory, Options.Create(new MediaOptions { InspectionSeconds = seconds, ToolsPath = toolsPath }),
            services.GetRequiredService<IMeterFactory>(), NullLogger<MediaInspection>.Instance);
    }

    /// <summary>A script in a program's place.</summary>
    private void Pretend(string name, string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Limits are set by prlimit.");
        foreach (var real in new[] { "prlimit", "nice" })
        {
            if (!File.Exists(Path.Combine(tools.Path, real)))
                File.CreateSymbolicLink(Path.Combine(tools.Path, real), $"/usr/bin/{real}");
        }

        var path = Path.Combine(tools.Path, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private MeterListener Listen(string name, Action<long> counted)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == name && instrument.Meter.Scope == meters)
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => counted(count));
        listener.Start();
        return listener;
    }

    /// <summary>Read from the JPEG's frame header.</summary>
    private async Task<(int Width, int Height)> SizeOfImageAsync()
    {
        var jpeg = await File.ReadAllBytesAsync(ImagePath, Cancel);
        Assert.Equal([0xFF, 0xD8], jpeg[..2]);
        var at = 2;
        while (jpeg[at + 1] is not 0xC0)
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));

        return (BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 7)), BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 5)));
    }

    // A zombie is one that ran.
    private static bool IsRunning(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
