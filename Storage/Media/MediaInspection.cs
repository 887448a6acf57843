using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Videos;

namespace Streaming.Storage.Media;

/// <summary>
/// Finds out, after an upload, how long its video is, and takes an image of it: one after the other, where this machine has
/// ffmpeg. What it does not come to stays without: uploads do not wait for it.
/// </summary>
public sealed partial class MediaInspection : BackgroundService
{
    public const string MeterName = "Streaming.Media";

    private const int MaxWaiting = 1_000;

    // At a tenth of it most have begun, and the latest of them after so many seconds.
    private const double LatestMoment = 10;

    private readonly Channel<(Guid VideoId, VideoFormat Format)> waiting =
        Channel.CreateBounded<(Guid, VideoFormat)>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    private readonly IMediaStore store;
    private readonly MediaFolder folder;
    private readonly IGrainFactory grains;
    private readonly ILogger<MediaInspection> logger;
    private readonly MediaTools? tools;
    private readonly TimeSpan patience;
    private readonly bool isNeeded;
    private readonly Counter<long> inspected;
    private readonly Counter<long> dropped;

    internal MediaInspection(
        IMediaStore store, MediaFolder folder, IGrainFactory grains, IOptions<MediaOptions> options, IMeterFactory meters,
        ILogger<MediaInspection> logger)
    {
        this.store = store;
        this.folder = folder;
        this.grains = grains;
        this.logger = logger;
        isNeeded = options.Value.Store == MediaStoreKind.Disk;
        patience = TimeSpan.FromSeconds(options.Value.InspectionSeconds);
        tools = isNeeded ? MediaTools.Find(options.Value.ToolsPath ?? Environment.GetEnvironmentVariable("PATH") ?? "") : null;
        var meter = meters.Create(MeterName);
        inspected = meter.CreateCounter<long>("streaming.media.inspected", "{video}", "Videos that were looked at after their upload, with or without success.");
        dropped = meter.CreateCounter<long>("streaming.media.inspections.dropped", "{video}", "Videos that were not looked at, since too many waited.");
    }

    /// <summary>Has a video looked at that has just been stored. Costs nothing, and promises nothing.</summary>
    public void Enqueue(Guid videoId, VideoFormat format)
    {
        if (tools is not null && !waiting.Writer.TryWrite((videoId, format)))
            dropped.Add(1);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (tools is null)
        {
            if (isNeeded)
                LogNoTools(logger);

            return;
        }

        try
        {
            await foreach (var (videoId, format) in waiting.Reader.ReadAllAsync(stoppingToken))
            {
                await TryInspectAsync(tools, videoId, format, stoppingToken);
                inspected.Add(1);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Those that still wait stay without.
        }
    }

    private async Task TryInspectAsync(MediaTools with, Guid videoId, VideoFormat format, CancellationToken stopping)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        bounded.CancelAfter(patience);
        try
        {
            await InspectAsync(with, videoId, format, bounded.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            LogTooLong(logger, videoId, patience.TotalSeconds);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(logger, e, videoId);
        }
    }

    private async Task InspectAsync(MediaTools with, Guid videoId, VideoFormat format, CancellationToken cancellationToken)
    {
        var path = folder.FileOf(videoId, MediaKind.Video);
        var duration = await with.ReadDurationAsync(path, format, cancellationToken);
        var video = grains.GetGrain<IVideoGrain>(videoId);
        if (duration is { } seconds)
            await video.DescribeAsync(seconds).WaitAsync(cancellationToken);

        var picture = folder.NewFile($"{videoId:D}.jpg");
        try
        {
            // Some have no picture to begin with after a moment near their end.
            var moment = Math.Min((duration ?? 0) / 10, LatestMoment);
            if (!await with.DrawAsync(path, format, moment, picture, cancellationToken)
                && !await with.DrawAsync(path, format, 0, picture, cancellationToken))
            {
                return;
            }

            await store.PutAsync(videoId, MediaKind.Image, new MediaFile(picture, new FileInfo(picture).Length, "image/jpeg"), cancellationToken);
        }
        finally
        {
            File.Delete(picture);
        }

        // Where it went meanwhile, the image came after the removal.
        if (await video.GetAsync().WaitAsync(cancellationToken) is null)
            await store.DeleteAsync(videoId, cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "Videos get neither an image nor a duration: ffmpeg, ffprobe, prlimit or nice is not installed here (apt-get install ffmpeg).")]
    private static partial void LogNoTools(ILogger logger);

    [LoggerMessage(LogLevel.Information, "Video {VideoId} was not wholly looked at within {Seconds} s (Media:InspectionSeconds).")]
    private static partial void LogTooLong(ILogger logger, Guid videoId, double seconds);

    [LoggerMessage(LogLevel.Warning, "Video {VideoId} could not be looked at.")]
    private static partial void LogFailed(ILogger logger, Exception exception, Guid videoId);
}
