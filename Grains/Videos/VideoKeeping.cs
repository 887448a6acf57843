using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Streaming.Videos;

/// <summary>Starts the keeper of videos, and again after a while: should its silo have died, it goes on elsewhere.</summary>
internal sealed partial class VideoKeeping(IGrainFactory grains, TimeProvider time, ILogger<VideoKeeping> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await StartKeeperAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The reminder, or another silo, wakes it again.
        }
    }

    private async Task StartKeeperAsync(CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IVideoKeeperGrain>(0).StartAsync().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotStarted(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The removal of deleted videos' media could not be started; it is tried again in a minute.")]
    private static partial void LogNotStarted(ILogger logger, Exception exception);
}
