using Microsoft.Extensions.Logging;

namespace Streaming.Users;

/// <summary>Tells the access grain that the store has changed. It reads by itself every few seconds, so a failure costs those.</summary>
internal sealed partial class RevocationNotifier(IGrainFactory grains, ILogger<RevocationNotifier> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task NotifyAsync()
    {
        try
        {
            await grains.GetGrain<IAccessGrain>(0).ChangedAsync().WaitAsync(Patience);
        }
        catch (Exception e)
        {
            LogNotNotified(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A change of an account, a session or a key could not be told at once; the fronts learn of it some seconds later.")]
    private static partial void LogNotNotified(ILogger logger, Exception exception);
}
