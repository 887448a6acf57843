using System.Globalization;
using Streaming.Videos;

namespace Streaming.Storage.Media;

/// <summary>
/// ffprobe and ffmpeg, for files that may be made to break them: each runs with a part of this machine's time, memory and disk, opens
/// nothing but its file, takes that for what its first bytes say, and knows none of this program's secrets.
/// </summary>
internal sealed class MediaTools
{
    private const string Probe = "ffprobe";
    private const string Picture = "ffmpeg";
    private const string Limits = "prlimit";
    private const string Patience = "nice";

    // What a frame of 8,000 by 4,000 takes, with the libraries.
    private const long AddressSpace = 768L << 20;
    private const long MaxPictureBytes = 4 << 20;
    private const long MaxPixels = 8192 * 4320;
    private const int MaxEdge = 640;

    private readonly Dictionary<string, string> programs;

    private MediaTools(Dictionary<string, string> programs) => this.programs = programs;

    /// <summary>Null where one is missing.</summary>
    public static MediaTools? Find(string searchPath)
    {
        var folders = searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = new Dictionary<string, string>();
        foreach (var name in new[] { Limits, Patience, Probe, Picture })
        {
            if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } program)
                return null;

            found.Add(name, Path.GetFullPath(program));
        }

        return new MediaTools(found);
    }

    /// <summary>Null when the file does not tell.</summary>
    public async Task<double?> ReadDurationAsync(string path, VideoFormat format, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(
            Probe,
            [.. Input(path, format), "-show_entries", "format=duration", "-of", "default=noprint_wrappers=1:nokey=1"],
            cancellationToken);
        return double.TryParse(answer.Output.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && double.IsFinite(seconds) && seconds > 0 ? seconds : null;
    }

    /// <summary>Makes a JPEG of the first picture at that moment or after it. False when there is none.</summary>
    public async Task<bool> DrawAsync(string path, VideoFormat format, double seconds, string picture, CancellationToken cancellationToken)
    {
        string[] start = seconds > 0 ? ["-ss", seconds.ToString("0.###", CultureInfo.InvariantCulture)] : [];
        var answer = await RunAsync(
            Picture,
            [
                "-nostdin", "-threads", "1", .. start, .. Input(path, format),
                "-map", "0:v:0", "-frames:v", "1", "-filter_threads", "1",
                "-vf", $"scale=w='min({MaxEdge},iw)':h='min({MaxEdge},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
                "-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-threads", "1", "-q:v", "4", "-f", "image2", "-update", "1", "-y", $"file:{picture}",
            ],
            cancellationToken);
        return answer.IsSuccess && new FileInfo(picture) is { Exists: true, Length: > 0 };
    }

    private static string[] Input(string path, VideoFormat format) =>
    [
        "-v", "quiet", "-protocol_whitelist", "file", "-max_pixels", MaxPixels.ToString(CultureInfo.InvariantCulture),
        "-f", Demuxer(format), "-i", $"file:{path}",
    ];

    // None of them opens other files: mov does so only where it is told to.
    private static string Demuxer(VideoFormat format) => format switch
    {
        VideoFormat.Mp4 or VideoFormat.QuickTime => "mov",
        VideoFormat.WebM or VideoFormat.Matroska => "matroska",
        VideoFormat.Avi => "avi",
        VideoFormat.MpegTransport => "mpegts",
        VideoFormat.MpegProgram => "mpeg",
        VideoFormat.FlashVideo => "flv",
        VideoFormat.Ogg => "ogg",
        VideoFormat.WindowsMedia => "asf",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private Task<ProgramAnswer> RunAsync(string name, string[] arguments, CancellationToken cancellationToken) => BoundedProgram.RunAsync(
        programs[Limits],
        [
            // The processor's time is for the case that this program is killed meanwhile and cannot end it.
            $"--as={AddressSpace}", "--cpu=30", $"--fsize={MaxPictureBytes}", "--core=0", "--nofile=64",
            programs[Patience], "-n", "10", programs[name], .. arguments,
        ],
        cancellationToken);
}
