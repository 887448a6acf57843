using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Viewing;

/// <summary>
/// Brings what users have watched from their history to <c>trending_daily</c>. Every silo does: what is brought is a total,
/// and the same one again changes nothing.
/// </summary>
internal sealed partial class WatchTimePublisher(
    IWatchTimeStore store, IOptions<ViewingOptions> options, BackgroundLoops loops, TimeProvider time, ILogger<WatchTimePublisher> logger) : PeriodicService
{
    private const int RowsPerStep = 1_000;
    private const int MaxSteps = 20;
    private const int DaysKept = 3;
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Brings all that is new, up to some steps' worth.</summary>
    public async Task PublishAsync(CancellationToken cancellationToken)
    {
        for (var step = 0; step < MaxSteps && await store.PublishAsync(RowsPerStep, cancellationToken) == RowsPerStep; step++)
        {
        }

        await store.ForgetAsync(DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-DaysKept), RowsPerStep, cancellationToken);
    }

    protected override PeriodicLoop CreateLoop()
    {
        var interval = TimeSpan.FromSeconds(options.Value.WatchTimeSeconds);
        return loops.Create(
            new LoopSchedule("watch_time", interval) { FirstAfter = interval, RoundTimeout = RoundTimeout },
            PublishAsync, logger, (count, latest) => LogFailed(logger, count, latest));
    }

    [LoggerMessage(LogLevel.Warning, "Time watched could not be brought to the trends {Count} times; it waits in the history's store, and is tried again. This is the latest failure.")]
    private static partial void LogFailed(ILogger logger, int count, Exception exception);
}
