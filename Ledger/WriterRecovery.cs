using Microsoft.Extensions.Logging;

namespace Streaming.Ledger;

/// <summary>
/// Takes over the journals of writers whose silo is dead or gone: at the start, when the membership changes, and now and
/// then. In the embedded family the data folder's lock says that no other silo lives.
/// </summary>
internal sealed partial class WriterRecovery(
    IViewJournal journal, ILedgerCluster cluster, TotalsRefresh refresh, LedgerMetrics metrics, TimeSpan interval,
    BackgroundLoops loops, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    // Of looking at the membership that this silo knows, which costs nothing.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    // For the whole journal of a silo that died; a step of it that is done stays done.
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(2);

    private PeriodicLoop? loop;
    private long? swept;
    private long sweptAt;

    /// <summary>Sweeps once, then goes on in the background.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(cancellationToken);
        var schedule = new LoopSchedule("dead_writers", LookInterval) { FirstPause = FirstPause, RoundTimeout = RoundTimeout };
        loop = loops.Create(schedule, SweepIfDueAsync, logger, (count, latest) => LogSweepFailed(logger, count, latest));
        loop.Start();
    }

    public Task StopAsync(CancellationToken cancellationToken) => loop?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => loop?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task SweepIfDueAsync(CancellationToken cancellationToken)
    {
        var version = cluster.MembershipVersion;
        if (version == swept && time.GetElapsedTime(sweptAt) < interval)
            return;

        await SweepAsync(cancellationToken);

        // Titles of a silo that died may have become active here before its journal was applied. By now it is:
        // the sweep did it, found it done, or waited for whoever did it.
        if (version != swept)
            refresh.Everything();

        (swept, sweptAt) = (version, time.GetTimestamp());
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var writers = await journal.ListWritersAsync(cancellationToken);
        // After the list: a silo joins the membership before it opens its writer, so a refreshed membership knows every
        // living writer that was listed.
        await cluster.RefreshAsync(cancellationToken);
        foreach (var writer in writers)
        {
            if (writer != cluster.WriterId && cluster.IsDead(writer))
                await TakeOverAsync(writer, cancellationToken);
        }
    }

    private async Task TakeOverAsync(string writer, CancellationToken cancellationToken)
    {
        var batches = 0;
        AppliedViews step;
        do
        {
            step = await journal.ApplyAsync(writer, cancellationToken);
            batches += Report(step);
        }
        while (step.Batches > 0);

        batches += Report(await journal.CloseWriterAsync(writer, cancellationToken));
        LogTakenOver(logger, writer, batches);
    }

    private int Report(AppliedViews step)
    {
        metrics.Recovered(step);
        if (step.Quarantined > 0)
            JournalApplier.LogQuarantined(logger, step.Quarantined);

        return step.Batches;
    }

    [LoggerMessage(LogLevel.Information, "Took over the journal of writer {Writer}: {Batches} batches applied.")]
    private static partial void LogTakenOver(ILogger logger, string writer, int batches);

    [LoggerMessage(LogLevel.Warning, "The journals of dead writers could not be taken over {Count} times; it is tried again soon. This is the latest failure.")]
    private static partial void LogSweepFailed(ILogger logger, int count, Exception exception);
}
