using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// ffprobe and ffmpeg, for files that may be made to break them: each runs with a part of this machine's time, memory, processes and disk, takes its
/// file for what its first bytes say, knows none of this program's secrets, and where the system allows it opens no other file and reaches no network.
/// </summary>
internal sealed class MediaTools
{
    /// <summary>More are not decoded.</summary>
    public const long MaxPixels = 8192 * 4320;

    private const string Probe = "ffprobe";
    private const string Picture = "ffmpeg";
    private const string Limits = "prlimit";
    private const string Patience = "nice";
    private const string Namespaces = "unshare";

    // What a frame of 8,000 by 4,000 takes, with the libraries.
    private const long AddressSpace = 768L << 20;
    private const long MaxPictureBytes = 4 << 20;
    private const int MaxEdge = 640;

    // In a user namespace of its own the limit counts what runs there; elsewhere all of this user's threads on the machine, this program's too.
    private const int MaxProcesses = 64;
    private const int MaxProcessesOfUser = 4_096;

    // What programs need of the system.
    private static readonly string[] Shared = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/alternatives", "/dev/null", "/dev/urandom", "/proc"];

    private readonly Dictionary<string, string> programs;
    private readonly string[] readable;

    private MediaTools(Dictionary<string, string> programs)
    {
        this.programs = programs;
        // They may have been put elsewhere, with libraries of their own.
        var folders = programs.Values.Select(program => Path.GetDirectoryName(program)!).Distinct();
        // The last two are for this program: a thread that the runtime begins from the one with the filter could load no code otherwise.
        readable =
        [
            .. Shared, .. folders.SelectMany(folder => new[] { folder, Path.Combine(folder, "../lib") }),
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../.."), .. Directory.GetFiles(AppContext.BaseDirectory, "*.dll"),
        ];
    }

    /// <summary>Whether they run in namespaces of their own, without a network; see <see cref="CheckAsync"/>.</summary>
    public bool HasNamespace { get; private set; }

    /// <summary>Whether the network is out of their reach, by that or by the filter of their calls.</summary>
    public bool IsWithoutNetwork => HasNamespace || SocketFilter.IsInForce;

    /// <summary>Whether all files but their own are out of their reach.</summary>
    public bool IsWithoutFiles { get; private set; }

    /// <summary>Null where one is missing.</summary>
    public static MediaTools? Find(string searchPath)
    {
        var folders = searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = new Dictionary<string, string>();
        foreach (var name in new[] { Limits, Patience, Probe, Picture, Namespaces })
        {
            if (folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } program)
                found.Add(name, Path.GetFullPath(program));
            else if (name != Namespaces)
                return null;
        }

        return new MediaTools(found);
    }

    /// <summary>Finds out what the system allows: containers and some distributions let nobody make a user namespace. False when nothing can be run at all.</summary>
    public async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        // First without limits, so that all code that starts a program is loaded before a thread does so that can open hardly any file.
        IsWithoutFiles = HasNamespace = false;
        if (!await CanRunAsync(cancellationToken))
            return false;

        foreach (var hasNamespace in programs.ContainsKey(Namespaces) ? new[] { true, false } : [false])
        {
            foreach (var isWithoutFiles in FileFilter.IsSupported ? new[] { true, false } : [false])
            {
                (HasNamespace, IsWithoutFiles) = (hasNamespace, isWithoutFiles);
                if (await CanRunAsync(cancellationToken))
                    return true;
            }
        }

        return false;
    }

    public async Task<ProbedVideo> ProbeAsync(string path, VideoFormat format, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(
            Probe,
            [
                .. Input(path, format), "-select_streams", "v:0",
                "-show_entries", "format=duration:stream=codec_name,codec_tag_string,width,height", "-of", "json",
            ],
            path,
            picture: null,
            cancellationToken);
        return answer.IsSuccess ? ProbedVideo.Read(answer.Output) : new ProbedVideo(HasPictures: answer.HasEnded ? false : null);
    }

    /// <summary>Makes, in a file that is there, a JPEG of the first picture at that moment or after it. False when there is none, null when it is unknown.</summary>
    public async Task<bool?> DrawAsync(string path, VideoFormat format, double seconds, string picture, CancellationToken cancellationToken)
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
            path,
            picture,
            cancellationToken);
        if (answer.IsSuccess && new FileInfo(picture) is { Exists: true, Length: > 0 })
            return true;

        return answer.HasEnded ? false : null;
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
        VideoFormat.MpegVideo => "mpegvideo",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    /// <summary>Itself, since it is there, and touches nothing.</summary>
    private async Task<bool> CanRunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await RunAsync(Limits, ["--version"], video: null, picture: null, cancellationToken)).IsSuccess;
        }
        catch (Exception e) when (IsWithoutFiles && e is InvalidOperationException or Win32Exception)
        {
            // The system has the filter, and keeps it from this program, or this program from starting others with it.
            return false;
        }
    }

    private Task<ProgramAnswer> RunAsync(string name, string[] arguments, string? video, string? picture, CancellationToken cancellationToken)
    {
        // What makes a namespace writes to /proc who is who in it.
        var files = IsWithoutFiles
            ? new ReachableFiles(
                video is null ? readable : [.. readable, video],
                [.. new[] { "/dev/null", HasNamespace ? "/proc" : null, picture }.OfType<string>()])
            : null;
        string[] limits =
        [
            // The processor's time is for the case that this program is killed meanwhile and cannot end it.
            $"--as={AddressSpace}", "--cpu=30", $"--fsize={MaxPictureBytes}", "--core=0", "--nofile=64",
            $"--nproc={(HasNamespace ? MaxProcesses : MaxProcessesOfUser)}",
            programs[Patience], "-n", "10", programs[name], .. arguments,
        ];
        return HasNamespace
            ? BoundedProgram.RunAsync(programs[Namespaces], ["--user", "--map-current-user", "--net", "--ipc", programs[Limits], .. limits], files, cancellationToken)
            : BoundedProgram.RunAsync(programs[Limits], limits, files, cancellationToken);
    }
}
