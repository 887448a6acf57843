using Microsoft.Extensions.Logging;

namespace Streaming.Ledger;

/// <summary>
/// Applies: once an interval moves this process's journal rows into the totals, then reads those again that other members have
/// moved. A step costs by the titles in it, and the longer the views of a title wait, the more of them one change
/// carries: where steps take long they come less often.
/// </summary>
internal sealed partial class JournalApplier(
    IViewJournal journal,
    string writerId,
    ViewCounters counters,
    TotalsRefresh refresh,
    TotalsNotifier notifier,
    LedgerMetrics metrics,
    LedgerOptions options,
    BackgroundLoops loops,
    TimeProvider time,
    ILogger logger) : IAsyncDisposable
{
    // Under a backlog step follows step; an activation then takes the last reading rather than wait for its end.
    private const int MaxReadings = 5;
    // Applying takes no more than a fiftieth of the time, up to the longest interval.
    private const int RestPerWork = 50;
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);
    // A step is bounded by its statements' time-outs; a backlog has many steps.
    private static readonly TimeSpan MaxRound = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(1);

    private PeriodicLoop? loop;
    private Task step = Task.CompletedTask;
    private long unapplied;
    private long waitingSince;
    private long roundBegun;
    private TimeSpan rest;
    private volatile bool isWanted;
    private long forgottenAt = time.GetTimestamp();

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

    public void Start()
    {
        loop = loops.Create(
            new LoopSchedule("journal_apply", TimeSpan.FromMilliseconds(options.ApplyIntervalMilliseconds)) { RoundTimeout = RoundTimeout },
            RunRoundAsync, logger, (count, latest) => LogApplyFailed(logger, count, Unapplied, latest));
        loop.Start();
    }

    /// <summary>Applies the rest and removes this silo's writer. The journal takes no more by now.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        await journal.CloseWriterAsync(writerId, cancellationToken);
    }

    /// <summary>Applies all that is journalled and ends the rounds; what comes later is applied by the next call.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await EndAsync(cancellationToken);
        while (await ApplyStepAsync(cancellationToken) is { Batches: > 0 })
        {
        }
    }

    /// <summary>Has the next round apply what it finds, however costly the last one was.</summary>
    public void ApplySoon()
    {
        isWanted = true;
        loop?.Wake();
    }

    public ValueTask DisposeAsync() => loop?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>
    /// Reads a title's applied total into its counter. Between an apply's commit and its update of the counters the
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

    private Task EndAsync(CancellationToken cancellationToken) => loop?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    private async Task RunRoundAsync(CancellationToken cancellationToken)
    {
        // Where it fails the rows are still in the journal: the next round reads them again.
        if (IsDue)
            await ApplyRoundAsync(cancellationToken);

        // Here and not beside the steps: a reading that a step crosses would count its views twice.
        await refresh.ReadDueAsync(cancellationToken);
        if (time.GetElapsedTime(forgottenAt) > ForgetInterval && await journal.ForgetOldAsync(cancellationToken) == 0)
            forgottenAt = time.GetTimestamp();
    }

    private bool IsDue => isWanted || time.GetElapsedTime(roundBegun) >= rest || Unapplied > options.MaxUnappliedEntries / 2;

    private async Task ApplyRoundAsync(CancellationToken cancellationToken)
    {
        roundBegun = time.GetTimestamp();
        rest = TimeSpan.Zero;
        isWanted = false;
        // What came while a step ran is the next round's: under load there is always some.
        while ((await ApplyStepAsync(cancellationToken)).MayHaveLeftSome)
        {
            if (time.GetElapsedTime(roundBegun) > MaxRound)
                return;
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
            notifier.Notify(elsewhere);
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

    [LoggerMessage(LogLevel.Error, "Applying views failed {Count} times; {Entries} journal entries wait. It is tried again soon; this is the latest failure.")]
    private static partial void LogApplyFailed(ILogger logger, int count, long entries, Exception exception);

    [LoggerMessage(LogLevel.Critical, "{Rows} journal rows could not be read or added and stand in view_journal_quarantine: their views are not counted.")]
    public static partial void LogQuarantined(ILogger logger, int rows);
}
