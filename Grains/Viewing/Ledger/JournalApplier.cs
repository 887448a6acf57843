using Microsoft.Extensions.Logging;

namespace Streaming.Viewing.Ledger;

/// <summary>
/// The flush: once an interval moves this silo's journal rows into the totals, and at the start those of writers that
/// are gone.
/// </summary>
internal sealed partial class JournalApplier(
    IViewJournal journal, string writerId, ViewCounters counters, LedgerOptions options, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    // Under a backlog step follows step; an activation then takes the last reading rather than wait for its end.
    private const int MaxReadings = 5;
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private Task applying = Task.CompletedTask;
    private Task step = Task.CompletedTask;
    private long unapplied;
    private int disposed;

    /// <summary>Whether so much is journalled and not applied that no more should be taken.</summary>
    public bool IsBehind => Interlocked.Read(ref unapplied) > options.MaxUnappliedEntries;

    public void Appended(int entries) => Interlocked.Add(ref unapplied, entries);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await TakeOverAsync(cancellationToken);
        await journal.OpenWriterAsync(writerId, cancellationToken);
        applying = Task.Run(ApplyPeriodicallyAsync, CancellationToken.None);
    }

    /// <summary>Applies the rest. The journal takes no more by now.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await EndAsync();
        await ApplyAllAsync(cancellationToken);
        await journal.CloseWriterAsync(writerId, cancellationToken);
    }

    /// <summary>Comes once for each registration that the container has of the ledger.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
            return;

        await EndAsync();
        stopping.Dispose();
    }

    private async Task EndAsync()
    {
        await stopping.CancelAsync();
        await applying;
    }

    /// <summary>The data folder's lock says that every writer of an earlier start is gone.</summary>
    private async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        foreach (var writer in await journal.ListWritersAsync(cancellationToken))
        {
            var batches = 0;
            while (await journal.ApplyAsync(writer, cancellationToken) is { Batches: > 0 } step)
            {
                batches += step.Batches;
                Report(step);
            }

            await journal.CloseWriterAsync(writer, cancellationToken);
            LogTakenOver(logger, writer, batches);
        }
    }

    private async Task ApplyPeriodicallyAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(options.ApplyIntervalMilliseconds), time);
        var forgotten = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                try
                {
                    await ApplyAllAsync(stopping.Token);
                    if (time.GetElapsedTime(forgotten) > ForgetInterval && await journal.ForgetOldAsync(stopping.Token) == 0)
                        forgotten = time.GetTimestamp();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The rows are still in the journal: the next tick reads them again.
                    LogApplyFailed(logger, Interlocked.Read(ref unapplied), e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops; StopAsync applies the rest.
        }
    }

    /// <summary>
    /// Reads a title's applied total into its counter. Between an apply's commit and its word to the counters the
    /// title's views would count twice, so a reading that a step may have crossed is repeated after that step.
    /// </summary>
    public async Task ReadTotalAsync(ViewCounter counter, CancellationToken cancellationToken)
    {
        for (var reading = 1; ; reading++)
        {
            var before = Volatile.Read(ref step);
            var total = await journal.GetTotalAsync(counter.ContentId, cancellationToken);
            var alone = before.IsCompleted && Volatile.Read(ref step) == before;
            if (alone || !counter.HasPending || reading == MaxReadings)
            {
                counter.Apply(journalled: 0, total);
                return;
            }

            await Volatile.Read(ref step).WaitAsync(cancellationToken);
        }
    }

    private async Task ApplyAllAsync(CancellationToken cancellationToken)
    {
        while (await ApplyStepAsync(cancellationToken))
        {
            // The journal had more than one step takes.
        }
    }

    private async Task<bool> ApplyStepAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref step, told.Task);
        try
        {
            var applied = await journal.ApplyAsync(writerId, cancellationToken);
            foreach (var title in applied.Titles)
                counters.Apply(title);

            Interlocked.Add(ref unapplied, -applied.Entries);
            Report(applied);
            return applied.Batches > 0;
        }
        finally
        {
            told.SetResult();
        }
    }

    private void Report(AppliedViews step)
    {
        if (step.Quarantined > 0)
            LogQuarantined(logger, step.Quarantined);
    }

    [LoggerMessage(LogLevel.Information, "Took over the journal of writer {Writer}: {Batches} batches applied.")]
    private static partial void LogTakenOver(ILogger logger, string writer, int batches);

    [LoggerMessage(LogLevel.Error, "Applying views failed; {Entries} journal entries wait. It is tried again at the next interval.")]
    private static partial void LogApplyFailed(ILogger logger, long entries, Exception exception);

    [LoggerMessage(LogLevel.Critical, "{Rows} journal rows could not be read and stand in view_journal_quarantine: their views are not counted.")]
    private static partial void LogQuarantined(ILogger logger, int rows);
}
