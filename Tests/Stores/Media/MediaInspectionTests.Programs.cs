using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Streaming.Media;
using Streaming.Videos;

namespace Streaming.Tests.Media;

public sealed partial class MediaInspectionTests
{
    [Fact]
    public async Task Programs_open_no_socket_where_the_system_lets_nobody_make_a_namespace()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/bash"), "The filter is Linux'.");
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        Pretend("ffprobe", Telling($"$(/usr/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}' 2> /dev/null && echo reached || echo refused)"));
        Pretend("ffmpeg", "exit 1");
        File.Delete(Path.Combine(tools.Path, "unshare"));
        await PutAsync("anything");
        await InspectAsync(VideoFormat.WebM, seconds: 60);

        Assert.Equal("refused", video.Found!.Codec);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_with_its_children()
    {
        Pretend("ffprobe", $"{tools.Path}/child 1000 & wait");
        Pretend("ffmpeg", "exit 1");
        File.CreateSymbolicLink(Path.Combine(tools.Path, "child"), "/bin/sleep");
        await PutAsync("anything");
        var looking = InspectAsync(VideoFormat.WebM, seconds: 3);
        foreach (var name in new[] { "ffprobe", "child" })
            await Poll.UntilAsync(() => Task.FromResult(Running.Of(Path.Combine(tools.Path, name)) ? null : $"{name} has not begun"));

        await looking;

        foreach (var name in new[] { "ffprobe", "child" })
            await Poll.UntilAsync(() => Task.FromResult(Running.Of(Path.Combine(tools.Path, name)) ? $"{name} runs" : null));
    }

    [Fact]
    public async Task Program_that_a_signal_ends_says_nothing_of_the_video()
    {
        Pretend("ffprobe", "kill -9 $$");
        Pretend("ffmpeg", "kill -9 $$");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.WebM, seconds: 60);

        Assert.Null(video.Found!.Playable);
        Assert.NotNull(video.Found.Reason);
    }

    [Fact]
    public async Task A_program_that_is_too_talkative_is_not_listened_to()
    {
        Pretend("ffprobe", "while echo 1; do :; done");
        Pretend("ffmpeg", "while echo 1 >&2; do :; done");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.WebM, seconds: 60);
        Assert.Equal((null, "Its pictures cannot be decoded."), (video.Duration, video.Found!.Reason));
    }

    [Fact]
    public async Task Programs_get_nothing_of_this_ones_environment_no_network_and_bounded_memory_time_processes_and_files()
    {
        Environment.SetEnvironmentVariable("STREAMING_SECRET_OF_A_TEST", "secret");
        Pretend("ffprobe", Telling("$(/usr/bin/env | /usr/bin/grep -ci secret) $(ulimit -v) $(ulimit -t) $(ulimit -f) $(ulimit -p) $(/usr/bin/grep -c : /proc/net/dev)"));
        Pretend("ffmpeg", "exit 1");
        await PutAsync("anything");
        await InspectAsync(VideoFormat.WebM, seconds: 60);

        var told = video.Found!.Codec!.Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(0, told[0]);
        Assert.Equal(6, told.Count);
        if (await SampleVideos.CanUnshareAsync(Cancel))
            Assert.Equal(1, told[5]);
    }

    [Fact]
    public async Task Programs_open_no_file_but_the_video_and_the_system_s()
    {
        await PutAsync("own");
        var other = files.Folder.FileOf(Guid.NewGuid(), MediaKind.Video);
        MediaFolder.Make(Path.GetDirectoryName(other)!);
        await File.WriteAllTextAsync(other, "of somebody else", Cancel);
        Pretend("ffprobe", Telling($"$(/bin/cat {VideoPath}) $(/bin/cat {other} || echo unread) $( (echo more >> {VideoPath}) 2> /dev/null || echo unwritten) $(/bin/ls {files.Folder.Root} || echo unlisted)"));
        Pretend("ffmpeg", "exit 1");
        await InspectAsync(VideoFormat.WebM, seconds: 60);

        Assert.SkipUnless(FileFilter.IsSupported, "The system has no Landlock.");
        Assert.Equal("own unread unwritten unlisted", video.Found!.Codec);
    }

    [Fact]
    public async Task Programs_that_are_slow_at_the_start_are_used_when_they_answer()
    {
        var clock = new FakeTimeProvider();
        time = clock;
        var held = Path.Combine(tools.Path, "held");
        await File.WriteAllTextAsync(held, "", Cancel);
        Pretend("prlimit", $"while [ -e {held} ]; do /bin/sleep 0.05; done; exec /usr/bin/prlimit \"$@\"");
        Pretend("ffprobe", Telling("seen"));
        Pretend("ffmpeg", "exit 1");
        await PutAsync("anything");
        video.Waiting.Enqueue(new WaitingVideo(id, VideoFormat.WebM, 0, 1));
        await StartAsync(60);
        await UntilAsync(() => loops!.List() is [{ Failures: 1 }] ? null : "the check goes on");
        File.Delete(held);

        await UntilAsync(() => video.Found is null ? "the video waits" : null);
        Assert.Equal("seen", video.Found!.Codec);

        Task UntilAsync(Func<string?> what) => Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(0.2));
            return Task.FromResult(what());
        });
    }

    /// <summary>A script that answers, as ffprobe does, with this as the codec's name: it can write nowhere else.</summary>
    private static string Telling(string codec) => $"printf '{{\"streams\":[{{\"codec_name\":\"%s\"}}]}}' \"{codec}\"";

    /// <summary>A script in a program's place.</summary>
    private void Pretend(string name, string script)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Limits are set by prlimit.");
        foreach (var real in new[] { "prlimit", "nice", "unshare" })
        {
            if (!File.Exists(Path.Combine(tools.Path, real)))
                File.CreateSymbolicLink(Path.Combine(tools.Path, real), $"/usr/bin/{real}");
        }

        var path = Path.Combine(tools.Path, name);
        // Not into what a link leads to.
        File.Delete(path);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
