using Microsoft.Extensions.Logging;

namespace Streaming.Users;

/// <summary>Tells the access grain that the store has changed. It reads by itself every few seconds, so a failure costs those.</summary>
internal sealed partial class AccessNews(IGrainFactory grains, ILogger<AccessNews> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task TellAsync()
    {
        try
        {
            await grains.GetGrain<IAccessGrain>(0).ChangedAsync().WaitAsync(Patience);
        }
        catch (Exception e)
        {
            LogNotTold(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A change of an account, a session or a key could not be told at once; the fronts learn of it some seconds later.")]
    private static partial void LogNotTold(ILogger logger, Exception exception);
}
