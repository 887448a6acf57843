using Microsoft.Extensions.Logging;

namespace Streaming.Videos;

/// <summary>Starts the reaper, and again after a while: should its silo have died, it goes on elsewhere.</summary>
internal sealed partial class VideoReaperService(IGrainFactory grains, BackgroundLoops loops, ILogger<VideoReaperService> logger) : PeriodicService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override PeriodicLoop CreateLoop() => loops.Create(
        new LoopSchedule("video_keeping", Interval) { FirstAfter = TimeSpan.Zero },
        cancellationToken => grains.GetGrain<IVideoReaperGrain>(0).StartAsync().WaitAsync(cancellationToken),
        logger,
        (count, latest) => LogNotStarted(logger, count, latest));

    [LoggerMessage(LogLevel.Warning, "The removal of deleted videos' media could not be started {Count} times; it is tried again. This is the latest failure.")]
    private static partial void LogNotStarted(ILogger logger, int count, Exception exception);
}
