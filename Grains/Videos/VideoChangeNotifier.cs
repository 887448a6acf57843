using Microsoft.Extensions.Logging;

namespace Streaming.Videos;

/// <summary>Tells videos' grains that their rows were changed. They read again by themselves after seconds, so a failure costs those.</summary>
internal sealed partial class VideoChangeNotifier(IGrainFactory grains, ILogger<VideoChangeNotifier> logger)
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task NotifyAsync(IEnumerable<Guid> videoIds)
    {
        try
        {
            foreach (var some in videoIds.Chunk(AtOnce))
                await Task.WhenAll(some.Select(id => grains.GetGrain<IVideoGrain>(id).ForgetAsync())).WaitAsync(Patience);
        }
        catch (Exception e)
        {
            LogNotNotified(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Videos that were deleted could not all be told at once; those may play for some seconds more.")]
    private static partial void LogNotNotified(ILogger logger, Exception exception);
}
