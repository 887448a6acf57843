using Microsoft.Extensions.Logging;

namespace Streaming.Media;

/// <summary>Says at the start whether the media folder can be used, and removes from it what dead uploads have left.</summary>
internal sealed partial class MediaCleanup(MediaFolder folder, UploadSpool spool, BackgroundLoops loops, ILogger<MediaCleanup> logger) : PeriodicService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first upload, so that whatever is there in a folder of ours is left over.
        try
        {
            await Task.Run(() => CleanUp(all: folder.IsOurs), cancellationToken);
        }
        catch (Exception e) when (e is Videos.MediaStoreException || DiskFailures.Is(e))
        {
            Report(e);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override PeriodicLoop CreateLoop() => loops.Create(
        new LoopSchedule("media_upkeep", Interval),
        cancellationToken => Task.Run(() => CleanUp(all: false), cancellationToken),
        logger,
        (_, latest) => Report(latest));

    private void CleanUp(bool all)
    {
        MediaFolder.Make(folder.Root);
        MediaFolder.Make(folder.Incoming);
        File.Create(folder.NewFile($"writable-{Guid.CreateVersion7():N}"), 1, FileOptions.DeleteOnClose).Dispose();
        var removed = spool.RemoveLeftOvers(all);
        if (removed > 0)
            LogRemoved(logger, removed);
    }

    private void Report(Exception e) => LogUnusable(logger, DiskFailures.Is(e) ? DiskFailures.ToMedia(e, folder.Root).Message : e.Message);

    [LoggerMessage(LogLevel.Information, "{Removed} files of uploads whose front had died were removed.")]
    private static partial void LogRemoved(ILogger logger, int removed);

    [LoggerMessage(LogLevel.Error, "Uploads and removals of videos will fail: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string reason);
}
