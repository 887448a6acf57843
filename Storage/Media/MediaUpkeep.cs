using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Streaming.Storage.Media;

/// <summary>Says at the start whether the media folder can be used, and removes from it what dead uploads have left.</summary>
internal sealed partial class MediaUpkeep(MediaFolder folder, UploadSpool spool, TimeProvider time, ILogger<MediaUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first upload, so that whatever is there in a folder of ours is left over.
        await Task.Run(() => CleanUp(all: folder.IsOurs), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, stoppingToken);
                CleanUp(all: false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is left for the next start.
        }
    }

    private void CleanUp(bool all)
    {
        try
        {
            MediaFolder.Make(folder.Root);
            MediaFolder.Make(folder.Incoming);
            File.Create(folder.NewFile($"writable-{Guid.CreateVersion7():N}"), 1, FileOptions.DeleteOnClose).Dispose();
            var removed = spool.RemoveLeftOvers(all);
            if (removed > 0)
                LogRemoved(logger, removed);
        }
        catch (Videos.MediaStoreException e)
        {
            LogUnusable(logger, e.Message);
        }
        catch (Exception e) when (DiskFailures.Is(e))
        {
            LogUnusable(logger, DiskFailures.ToMedia(e, folder.Root).Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Removed} files of uploads whose front had died were removed.")]
    private static partial void LogRemoved(ILogger logger, int removed);

    [LoggerMessage(LogLevel.Error, "Uploads and removals of videos will fail: {Reason}")]
    private static partial void LogUnusable(ILogger logger, string reason);
}
