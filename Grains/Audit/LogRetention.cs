using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Audit;

/// <summary>
/// Removes entries that are older than they are kept, in small steps with pauses between, so that writers get their turn.
/// Every silo does it: those that meet take different entries.
/// </summary>
internal sealed partial class LogRetention(
    ILogStore store, IOptions<AuditOptions> options, TimeProvider time, ILogger<LogRetention> logger) : BackgroundService
{
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            for (var wait = FirstAfter; ; wait = Interval)
            {
                await Task.Delay(wait, time, stoppingToken);
                await ForgetOldAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is left is left for the next start.
        }
    }

    private async Task ForgetOldAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow().AddDays(-options.Value.RetentionDays);
        try
        {
            while (await store.ForgetAsync(before, cancellationToken) > 0)
                await Task.Delay(Pause, time, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(logger, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old audit entries could not be removed; the next attempt is in half an hour.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
