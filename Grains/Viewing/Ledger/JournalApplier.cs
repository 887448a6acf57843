using Microsoft.Extensions.Logging;

namespace Streaming.Viewing.Ledger;

/// <summary>
/// The flush: once an interval moves this silo's journal rows into the totals, then reads those again that others have
/// moved. A step costs by the titles in it, and the longer the views of a title wait, the more of them one change
/// carries: where steps take long they come less often.
/// </summary>
internal sealed partial class JournalApplier(
    IViewJournal journal,
    string writerId,
    ViewCounters counters,
    TotalsRefresh refresh,
    TotalsNews news,
    LedgerMetrics metrics,
    LedgerOptions options,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    // Under a backlog step follows step; an activation then takes the last reading rather than wait for its end.
    private const int MaxReadings = 5;
    // Applying takes no more than a fiftieth of the time, up to the longest interval.
    private const int RestPerWork = 50;
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource stopping = new();
    private Task applying = Task.CompletedTask;
    private Task step = Task.CompletedTask;
    private long unapplied;
    private long waitingSince;
    private long roundBegun;
    private TimeSpan rest;
    private int disposed;

    /// <summary>Whether so much is journalled and not applied that no more should be taken.</summary>
    public bool IsBehind => Interlocked.Read(ref unapplied) > options.MaxUnappliedEntries;

    /// <summary>Journal entries of this silo that are not applied yet.</summary>
    public long Unapplied => Interlocked.Read(ref unapplied);

    /// <summary>For how long the oldest of them has waited, about.</summary>
    public TimeSpan Lag => Unapplied == 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref waitingSince));

    public void Appended(int entries)
    {
        if (Interlocked.Add(ref unapplied, entries) == entries)
            Interlocked.Exchange(ref waitingSince, time.GetTimestamp());
    }

    public void Start() => applying = Task.Run(ApplyPeriodicallyAsync, CancellationToken.None);

    /// <summary>Applies the rest and removes this silo's writer. The journal takes no more by now.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await EndAsync();
        while (await ApplyStepAsync(cancellationToken) is { Batches: > 0 })
        {
        }

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
                refresh.Activated(counter.ContentId);
                return;
            }

            await Volatile.Read(ref step).WaitAsync(cancellationToken);
        }
    }

    private async Task EndAsync()
    {
        await stopping.CancelAsync();
        await applying;
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
                    if (IsDue)
                        await ApplyRoundAsync();

                    // Here and not beside the steps: a reading that a step crosses would count its views twice.
                    await refresh.ReadDueAsync(stopping.Token);
                    if (time.GetElapsedTime(forgotten) > ForgetInterval && await journal.ForgetOldAsync(stopping.Token) == 0)
                        forgotten = time.GetTimestamp();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The rows are still in the journal: the next tick reads them again.
                    LogApplyFailed(logger, Unapplied, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops; StopAsync applies the rest.
        }
    }

    private bool IsDue => time.GetElapsedTime(roundBegun) >= rest || Unapplied > options.MaxUnappliedEntries / 2;

    private async Task ApplyRoundAsync()
    {
        roundBegun = time.GetTimestamp();
        // What came while a step ran is the next round's: under load there is always some.
        while ((await ApplyStepAsync(stopping.Token)).MayHaveLeftSome)
        {
        }

        var longest = TimeSpan.FromMilliseconds(options.MaxApplyIntervalMilliseconds);
        var wanted = time.GetElapsedTime(roundBegun) * RestPerWork;
        rest = wanted < longest ? wanted : longest;
    }

    private async Task<AppliedViews> ApplyStepAsync(CancellationToken cancellationToken)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref step, told.Task);
        try
        {
            var begun = time.GetTimestamp();
            var applied = await journal.ApplyAsync(writerId, cancellationToken);
            var elsewhere = new List<Guid>();
            foreach (var title in applied.Titles)
            {
                if (!counters.Apply(title))
                    elsewhere.Add(title.ContentId);
            }

            Interlocked.Add(ref unapplied, -applied.Entries);
            Interlocked.Exchange(ref waitingSince, begun);
            news.Tell(elsewhere);
            metrics.Applied(applied, time.GetElapsedTime(begun));
            if (applied.Quarantined > 0)
                LogQuarantined(logger, applied.Quarantined);

            return applied;
        }
        finally
        {
            told.SetResult();
        }
    }

    [LoggerMessage(LogLevel.Error, "Applying views failed; {Entries} journal entries wait. It is tried again at the next interval.")]
    private static partial void LogApplyFailed(ILogger logger, long entries, Exception exception);

    [LoggerMessage(LogLevel.Critical, "{Rows} journal rows could not be read or added and stand in view_journal_quarantine: their views are not counted.")]
    public static partial void LogQuarantined(ILogger logger, int rows);
}
