using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Videos;

namespace Streaming.Media;

/// <summary>
/// Finds out, after an upload, whether its video is whole, how long it is and what its pictures are coded as, and takes an image of it: one after
/// the other. Where this machine has no ffmpeg, as much of it as the files themselves tell. What waits is in the rows, so nothing is
/// forgotten when a front dies, and every front takes from there.
/// </summary>
public sealed partial class MediaInspection : PeriodicService
{
    public const string MeterName = "Streaming.Media";

    // One that cannot be looked at three times is not tried for ever: it may be what ended the fronts that tried.
    private const int MaxAttempts = 3;

    // At a tenth of it most have begun, and the latest of them after so many seconds.
    private const double LatestMoment = 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly IMediaStore store;
    private readonly MediaFolder folder;
    private readonly IGrainFactory grains;
    private readonly BackgroundLoops loops;
    private readonly TimeProvider time;
    private readonly ILogger<MediaInspection> logger;
    private readonly ThrottledWarning notInspected;
    private readonly TimeSpan patience;
    private readonly bool isNeeded;
    private readonly Counter<long> inspected;
    private MediaTools? tools;
    private bool areToolsChecked;
    private int checks;
    private int failedInARow;

    internal MediaInspection(
        IMediaStore store, MediaFolder folder, IGrainFactory grains, IOptions<MediaOptions> options, BackgroundLoops loops, IMeterFactory meters, TimeProvider time,
        ILogger<MediaInspection> logger)
    {
        this.store = store;
        this.folder = folder;
        this.grains = grains;
        this.loops = loops;
        this.time = time;
        this.logger = logger;
        notInspected = loops.CreateWarning((count, e) => LogFailed(logger, count, e));
        isNeeded = options.Value.Store == MediaStoreKind.Disk;
        patience = TimeSpan.FromSeconds(options.Value.InspectionSeconds);
        tools = isNeeded ? MediaTools.Find(options.Value.ToolsPath ?? Environment.GetEnvironmentVariable("PATH") ?? "") : null;
        inspected = meters.Create(MeterName).CreateCounter<long>("streaming.media.inspected", "{video}", "Videos that were looked at after their upload, with or without success.");
    }

    private int LeaseSeconds => (int)(2 * (patience + CallTimeout)).TotalSeconds;

    protected override PeriodicLoop? CreateLoop() => isNeeded
        ? loops.Create(
            new LoopSchedule("media_inspection", Interval) { FirstAfter = TimeSpan.Zero, RoundTimeout = patience + 3 * CallTimeout },
            InspectNextAsync, logger, (count, latest) => LogFailed(logger, count, latest))
        : null;

    /// <summary>Once. On a machine without processor to spare it may be too slow, and is tried three times before it is done without the programs.</summary>
    private async Task CheckToolsAsync(CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(CallTimeout, time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            if (tools is not null && !await tools.CheckAsync(bounded.Token))
                tools = null;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            if (timeout.IsCancellationRequested && ++checks < MaxAttempts)
                throw new TimeoutException($"What ffmpeg may do here was not known within {CallTimeout.TotalSeconds:0} s.", e);

            tools = null;
            notInspected.Report(e);
        }

        areToolsChecked = true;
        if (tools is null)
            LogNoTools(logger);

        if (tools is { IsWithoutNetwork: false })
            LogNetwork(logger);

        if (tools is { IsWithoutFiles: false })
            LogFiles(logger);
    }

    /// <summary>Looks at one video, if one waits; then the next round comes at once.</summary>
    private async Task InspectNextAsync(CancellationToken cancellationToken)
    {
        if (!areToolsChecked)
            await CheckToolsAsync(cancellationToken);

        var next = await grains.GetGrain<IVideosGrain>(0).TakeForInspectionAsync(LeaseSeconds).WaitAsync(CallTimeout, cancellationToken);
        if (next is null)
        {
            failedInARow = 0;
            return;
        }

        Wake();
        try
        {
            var found = next.Attempt > MaxAttempts ? new VideoInspection(null, "It could not be looked at.") : await InspectAsync(next, cancellationToken);
            await grains.GetGrain<IVideoGrain>(next.VideoId).DescribeAsync(found).WaitAsync(CallTimeout, cancellationToken);
            failedInARow = 0;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // It waits again when its lease is over, and the others do not wait for that. Two in a row are no fault of theirs: with a
            // pause, they do not use up their attempts while, say, the folder is not there.
            if (++failedInARow > 1)
                throw;

            notInspected.Report(e);
        }
        finally
        {
            inspected.Add(1);
        }
    }

    private async Task<VideoInspection> InspectAsync(WaitingVideo video, CancellationToken stopping)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        bounded.CancelAfter(patience);
        var found = new VideoInspection(Playable: null);
        try
        {
            found = await ProbeAsync(video, bounded.Token);
            return tools is null || found.Playable == false ? found : await DrawAsync(tools, video, found, bounded.Token);
        }
        catch (OperationCanceledException) when (bounded.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            LogTooLong(logger, video.VideoId, patience.TotalSeconds);
            return found with { Playable = null, Reason = "It took too long to look at." };
        }
    }

    private async Task<VideoInspection> ProbeAsync(WaitingVideo video, CancellationToken cancellationToken)
    {
        var path = folder.FileOf(video.VideoId, MediaKind.Video);
        // A folder that is not mounted is no fault of the video.
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no {path}. It went meanwhile, or Media:Path is not the folder of all fronts.");

        var boxes = await Task.Run(() => ReadParts(path, video.Format), cancellationToken).WaitAsync(cancellationToken);
        if (tools is null || boxes.Playable == false)
            return boxes;

        var probed = await tools.ProbeAsync(path, video.Format, cancellationToken);
        var found = boxes with { Codec = boxes.Codec ?? probed.Codec, DurationSeconds = probed.DurationSeconds ?? boxes.DurationSeconds };
        return probed switch
        {
            { HasPictures: false } => found with { Playable = false, Reason = "No pictures can be found in the file." },
            { Pixels: > MediaTools.MaxPixels } => found with { Playable = null, Reason = "Its pictures are larger than are looked at." },
            _ => found,
        };
    }

    private static VideoInspection ReadParts(string path, VideoFormat format)
    {
        if (format is VideoFormat.Mp4 or VideoFormat.QuickTime)
            return MovieBoxes.Read(path);

        return DeclaredLength.Missing(path, format) is > 0 and var missing
            ? new VideoInspection(false, MovieBoxes.CutOff(missing))
            : new VideoInspection(Playable: null);
    }

    private async Task<VideoInspection> DrawAsync(MediaTools with, WaitingVideo video, VideoInspection found, CancellationToken cancellationToken)
    {
        var path = folder.FileOf(video.VideoId, MediaKind.Video);
        var picture = folder.NewFile($"{video.VideoId:D}.jpg");
        try
        {
            // Made here: the programs may write to this file, and make none.
            await File.Create(picture).DisposeAsync();
            // Some have no picture to begin with after a moment near their end.
            var moment = Math.Min((found.DurationSeconds ?? 0) / 10, LatestMoment);
            var isDrawn = await with.DrawAsync(path, video.Format, moment, picture, cancellationToken);
            if (isDrawn != true)
                isDrawn = await with.DrawAsync(path, video.Format, 0, picture, cancellationToken);

            if (isDrawn != true)
                return found with { Playable = isDrawn, Reason = found.Reason ?? (isDrawn is null ? "It could not be looked at." : "Its pictures cannot be decoded.") };

            await store.PutAsync(video.VideoId, MediaKind.Image, new MediaFile(picture, new FileInfo(picture).Length, "image/jpeg"), cancellationToken);
        }
        finally
        {
            File.Delete(picture);
        }

        // Where it went meanwhile, the image came after the removal.
        if (await grains.GetGrain<IVideoGrain>(video.VideoId).GetAsync(cancellationToken) is null)
            await store.DeleteAsync(video.VideoId, cancellationToken);

        return found with { Playable = true, Reason = null };
    }

    [LoggerMessage(LogLevel.Information, "Videos get no image, only of MP4 and QuickTime is it told that they are whole, and of those, Matroska, AVI and Windows Media that they are cut off: ffmpeg, ffprobe, prlimit or nice is not installed here, or cannot be run (apt-get install ffmpeg).")]
    private static partial void LogNoTools(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "ffmpeg could reach the network of this program: the system lets it have neither a namespace of its own (unshare --user --net) nor a filter of its calls (seccomp). Allow one of them, or keep what it must not reach away from this machine.")]
    private static partial void LogNetwork(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "ffmpeg could read every file that this program can: the system has no Landlock, or keeps it from this program (Linux 5.13, and landlock among its lsm).")]
    private static partial void LogFiles(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Video {VideoId} was not wholly looked at within {Seconds} s (Media:InspectionSeconds).")]
    private static partial void LogTooLong(ILogger logger, Guid videoId, double seconds);

    [LoggerMessage(LogLevel.Warning, "Looking at uploaded videos failed {Count} times; each is tried up to three times. This is the latest failure.")]
    private static partial void LogFailed(ILogger logger, int count, Exception exception);
}
