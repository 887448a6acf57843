using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Audit;

/// <summary>
/// Removes entries that are older than they are kept, in small steps with pauses between, so that writers get their turn.
/// Every silo does it: those that meet take different entries.
/// </summary>
internal sealed partial class LogRetention(
    ILogStore store, IOptions<AuditOptions> options, BackgroundLoops loops, TimeProvider time, ILogger<LogRetention> logger) : PeriodicService
{
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override PeriodicLoop CreateLoop() => loops.Create(
        new LoopSchedule("log_retention", Interval) { FirstAfter = FirstAfter, RoundTimeout = Interval },
        ForgetOldAsync, logger, (count, latest) => LogFailed(logger, count, latest));

    private async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().AddDays(-options.Value.RetentionDays);
        while (await store.ForgetAsync(before, cancellationToken) > 0)
            await Task.Delay(Pause, time, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Old audit entries could not be removed {Count} times; it is tried again. This is the latest failure.")]
    private static partial void LogFailed(ILogger logger, int count, Exception exception);
}
