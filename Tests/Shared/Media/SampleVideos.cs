using System.Diagnostics;
using Streaming.Videos;

namespace Streaming.Tests.Media;

/// <summary>Short videos of every format that is taken, drawn by ffmpeg.</summary>
internal static class SampleVideos
{
    public const double Seconds = 2;

    /// <summary>Skips the test where ffmpeg is missing, and fails it in continuous integration.</summary>
    public static void Require()
    {
        Requirement.OfFile("/usr/bin/ffmpeg", "apt-get install ffmpeg");
        Requirement.OfFile("/usr/bin/ffprobe", "apt-get install ffmpeg");
    }

    public static async Task DrawAsync(VideoFormat format, string path, CancellationToken cancellationToken, string[]? coded = null)
    {
        Require();
        string[] encoder = coded ?? format switch
        {
            VideoFormat.WebM => ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-f", "webm"],
            VideoFormat.Ogg => ["-c:v", "libtheora", "-f", "ogg"],
            VideoFormat.WindowsMedia => ["-c:v", "wmv2", "-f", "asf"],
            VideoFormat.MpegProgram => ["-c:v", "mpeg2video", "-f", "mpeg"],
            VideoFormat.MpegVideo => ["-c:v", "mpeg2video", "-f", "mpeg2video"],
            VideoFormat.FlashVideo => ["-c:v", "flv", "-f", "flv"],
            VideoFormat.Avi => ["-c:v", "mpeg4", "-f", "avi"],
            VideoFormat.Matroska => ["-c:v", "libx264", "-preset", "ultrafast", "-f", "matroska"],
            VideoFormat.MpegTransport => ["-c:v", "libx264", "-preset", "ultrafast", "-f", "mpegts"],
            VideoFormat.QuickTime => ["-c:v", "libx264", "-preset", "ultrafast", "-f", "mov"],
            _ => ["-c:v", "libx264", "-preset", "ultrafast", "-f", "mp4"],
        };
        await RunAsync(["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=10", "-t", $"{Seconds:0}", "-pix_fmt", "yuv420p", .. encoder, path], cancellationToken);
    }

    public static async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        Require();
        using var ffmpeg = Process.Start(new ProcessStartInfo("/usr/bin/ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]))!;
        await ffmpeg.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, ffmpeg.ExitCode);
    }

    /// <summary>Whether this machine lets anybody make a namespace without a network.</summary>
    public static async Task<bool> CanUnshareAsync(CancellationToken cancellationToken)
    {
        using var unshare = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--user", "--map-current-user", "--net", "--ipc", "true"]) { RedirectStandardError = true })!;
        await unshare.WaitForExitAsync(cancellationToken);
        return unshare.ExitCode == 0;
    }
}
