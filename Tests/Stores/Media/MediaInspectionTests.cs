using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Streaming.Media;
using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed partial class MediaInspectionTests : IAsyncDisposable
{
    private readonly MediaFiles files = new();
    private readonly TemporaryFolder tools = new();
    private readonly VideoDouble video = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Guid id = Guid.NewGuid();
    private TimeProvider time = TimeProvider.System;
    private BackgroundLoops? loops;
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

        // An elementary stream has no clock.
        if (format != VideoFormat.MpegVideo)
            Assert.InRange(video.Duration!.Value, SampleVideos.Seconds - 0.3, SampleVideos.Seconds + 0.3);

        Assert.Equal((true, null), (video.Found!.Playable, video.Found.Reason));
        Assert.NotNull(video.Found.Codec);
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
        Assert.False(video.Found!.Playable);
        Assert.NotNull(video.Found.Reason);
        Assert.False(File.Exists(ImagePath));
    }

    [Theory]
    [InlineData(VideoFormat.QuickTime, "hvc1")]
    [InlineData(VideoFormat.Mp4, "avc1")]
    public async Task Codec_of_a_movie_is_told_by_its_tag(VideoFormat format, string codec)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.DrawAsync(format, VideoPath, Cancel, codec == "hvc1" ? ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-tag:v", "hvc1", "-f", "mov"] : null);
        await InspectAsync(format);

        Assert.Equal((true, codec), (video.Found!.Playable, video.Found.Codec));
    }

    [Theory]
    [InlineData(true, "cut off: its index, which comes last, is missing")]
    [InlineData(false, "cut off: its index, which comes last, is missing")]
    public async Task Movie_that_was_cut_off_before_its_index_is_told(bool hasTools, string reason)
    {
        await DrawCutAsync([], 0.5);
        await (hasTools ? InspectAsync(VideoFormat.Mp4) : InspectWithoutToolsAsync());

        Assert.False(video.Found!.Playable);
        Assert.Contains(reason, video.Found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Movie_whose_index_comes_first_is_told_to_be_cut_off_though_its_beginning_plays()
    {
        await DrawCutAsync(["-movflags", "+faststart"], 0.9);
        await InspectAsync(VideoFormat.Mp4);

        Assert.False(video.Found!.Playable);
        Assert.Contains("bytes are missing", video.Found.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VideoFormat.WebM, true)]
    [InlineData(VideoFormat.Matroska, true)]
    [InlineData(VideoFormat.Matroska, false)]
    [InlineData(VideoFormat.Avi, true)]
    [InlineData(VideoFormat.WindowsMedia, true)]
    public async Task File_that_tells_its_length_is_told_to_be_cut_off_though_its_beginning_plays(VideoFormat format, bool hasTools)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.DrawAsync(format, VideoPath, Cancel);
        var length = new FileInfo(VideoPath).Length;
        await using (var file = File.Open(VideoPath, FileMode.Open))
            file.SetLength(length * 9 / 10);

        await (hasTools ? InspectAsync(format) : InspectWithoutToolsAsync(format));

        Assert.False(video.Found!.Playable);
        Assert.Matches("^The file is cut off: [1-9][0-9]* bytes are missing\\.$", video.Found.Reason);
        // Windows Media has an index after what it tells the length of.
        if (format != VideoFormat.WindowsMedia)
            Assert.Contains($" {length - (length * 9 / 10)} bytes", video.Found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_programs_the_boxes_of_a_movie_tell_what_they_can()
    {
        await DrawCutAsync([], 1);
        await InspectWithoutToolsAsync();

        Assert.Equal((true, null, "avc1"), (video.Found!.Playable, video.Found.Reason, video.Found.Codec));
        Assert.InRange(video.Duration!.Value, SampleVideos.Seconds - 0.3, SampleVideos.Seconds + 0.3);
        Assert.False(File.Exists(ImagePath));
    }

    [Fact]
    public async Task Movie_in_fragments_is_whole_by_its_boxes_and_one_of_sound_alone_is_none()
    {
        await DrawCutAsync(["-movflags", "+frag_keyframe+empty_moov"], 1);
        await InspectWithoutToolsAsync();
        Assert.True(video.Found!.Playable);

        Directory.Delete(files.Folder.FolderOf(id), recursive: true);
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.RunAsync(["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-f", "mp4", VideoPath], Cancel);
        await InspectAsync(VideoFormat.Mp4, again: true);
        Assert.Equal((false, "The file has no pictures, only sound or other data."), (video.Found!.Playable, video.Found.Reason));
    }

    [Fact]
    public async Task Video_that_was_begun_three_times_is_given_up_untouched()
    {
        Pretend("ffprobe", Telling("called"));
        Pretend("ffmpeg", "exit 1");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.WebM, seconds: 60, attempt: 4);

        Assert.Equal((null, "It could not be looked at.", null), (video.Found!.Playable, video.Found.Reason, video.Found.Codec));
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
    public async Task Video_that_cannot_be_looked_at_holds_up_no_other_and_two_in_a_row_are_a_pause()
    {
        var clock = new FakeTimeProvider();
        time = clock;
        // Nothing has their files; one that was begun too often needs none.
        WaitingVideo missing = new(Guid.NewGuid(), VideoFormat.Mp4, 0, 1), last = new(id, VideoFormat.Mp4, 0, 4);
        video.Waiting.Enqueue(missing);
        video.Waiting.Enqueue(last);
        await StartAsync(60, toolsPath: "");
        await Poll.UntilAsync(() => Task.FromResult(video.Found is null ? "the other waits" : null));
        Assert.Equal(("media_inspection", 0), Assert.Single(loops!.List()) is var state ? (state.Name, state.Failures) : default);

        foreach (var next in new[] { missing, missing, last })
            video.Waiting.Enqueue(next);

        inspection!.Wake();
        await Poll.UntilAsync(() => Task.FromResult(Assert.Single(loops.List()).Failures == 1 ? null : "health knows of no failure"));
        Assert.Single(video.Waiting);
        await Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Assert.Single(loops.List()) is { Failures: 0, LastSuccess: not null } && video.Waiting.IsEmpty ? null : "it does not go on");
        });
    }

    private async Task PutAsync(string content)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await File.WriteAllTextAsync(VideoPath, content, Cancel);
    }

    /// <summary>Has the video looked at, and waits until that is over.</summary>
    private async Task InspectAsync(VideoFormat format, int? seconds = null, int attempt = 1, bool again = false)
    {
        if (again)
            await inspection!.StopAsync(Cancel);

        var isReal = Directory.GetFiles(tools.Path).Length == 0;
        var done = new TaskCompletionSource();
        using var listener = Listen("streaming.media.inspected", _ => done.TrySetResult());
        video.Waiting.Enqueue(new WaitingVideo(id, format, 0, attempt));
        if (isReal)
            await StartAsync(seconds ?? 120, toolsPath: null);
        else
            await StartAsync(seconds ?? 1);

        await done.Task.WaitAsync(TimeSpan.FromMinutes(3), Cancel);
    }

    private async Task InspectWithoutToolsAsync(VideoFormat format = VideoFormat.Mp4)
    {
        var done = new TaskCompletionSource();
        using var listener = Listen("streaming.media.inspected", _ => done.TrySetResult());
        await StartAsync(60, toolsPath: "");
        // What comes while it waits is looked at when it is woken.
        video.Waiting.Enqueue(new WaitingVideo(id, format, 0, 1));
        inspection!.Wake();
        await done.Task.WaitAsync(TimeSpan.FromMinutes(3), Cancel);
    }

    /// <summary>Draws a movie and keeps so much of its beginning.</summary>
    private async Task DrawCutAsync(string[] options, double part)
    {
        MediaFolder.Make(files.Folder.FolderOf(id));
        await SampleVideos.DrawAsync(VideoFormat.Mp4, VideoPath, Cancel, ["-c:v", "libx264", "-preset", "ultrafast", .. options, "-f", "mp4"]);
        await using var file = File.Open(VideoPath, FileMode.Open);
        file.SetLength((long)(file.Length * part));
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
        var meters = services.GetRequiredService<IMeterFactory>();
        return new MediaInspection(
            files.Store, files.Folder, video.Factory, Options.Create(new MediaOptions { InspectionSeconds = seconds, ToolsPath = toolsPath }),
            loops = new BackgroundLoops(meters, time), meters, time, NullLogger<MediaInspection>.Instance);
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
}
