using Microsoft.Extensions.Logging;

namespace Streaming.Ledger;

/// <summary>Bounds of a <see cref="GroupCommit{TContent}"/>.</summary>
/// <param name="MaxWaitingBytes">Bytes that may wait for their commit; beyond that, items are refused.</param>
/// <param name="MaxWaitingAge">How long the oldest waiting item may wait before further ones are refused.</param>
/// <param name="MaxGap">The longest pause before a commit, to let a larger batch form; zero for none.</param>
/// <param name="MaxCommitWait">How long a caller waits for a batch before it is told that the outcome is unknown.</param>
public sealed record GroupCommitLimits(long MaxWaitingBytes, TimeSpan MaxWaitingAge, TimeSpan MaxGap, TimeSpan MaxCommitWait)
{
    public static GroupCommitLimits From(LedgerOptions options) => new(
        options.MaxWaitingMegabytes * 1024L * 1024,
        TimeSpan.FromSeconds(options.MaxWaitingSeconds),
        TimeSpan.FromMilliseconds(options.MaxGapMilliseconds),
        TimeSpan.FromSeconds(options.MaxCommitWaitSeconds));
}

/// <summary>
/// Group commit: all items that wait go to the store as one numbered batch, one commit at a time, on a thread of its
/// own. A batch is frozen when its commit starts; while its outcome is unknown the same batch is committed again
/// under the same number, and the next one waits.
/// </summary>
/// <typeparam name="TContent">What a batch collects; only touched under the lock until it is frozen.</typeparam>
public sealed partial class GroupCommit<TContent>
    where TContent : class
{
    private const int FailuresRemembered = 1024;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(5);

    private readonly object gate = new();
    private readonly Func<TContent> open;
    private readonly Action<long, TContent> commit;
    private readonly Action<long, TContent, Outcome> completed;
    private readonly GroupCommitLimits limits;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Thread thread;
    private readonly Queue<long> failures = new();

    private Batch waiting;
    private Batch? committing;
    private int wakeAt = 1;
    private int recentConcurrency = 1;
    private long oldestKnown = 1;
    private int refusals;
    private long reportedAt;
    private bool stopping;
    private bool abandoned;

    /// <param name="open">Makes the content of a new batch.</param>
    /// <param name="commit">
    /// Writes a batch; throws <see cref="StoreRefusedException"/> when nothing was written, <see cref="WriterGoneException"/>
    /// when nothing was and nothing ever will be, anything else when that is unknown.
    /// </param>
    /// <param name="completed">Runs before the waiters learn of the outcome.</param>
    public GroupCommit(
        string name,
        Func<TContent> open,
        Action<long, TContent> commit,
        Action<long, TContent, Outcome> completed,
        GroupCommitLimits limits,
        TimeProvider time,
        ILogger logger)
    {
        this.open = open;
        this.commit = commit;
        this.completed = completed;
        this.limits = limits;
        this.time = time;
        this.logger = logger;
        waiting = new Batch(1, open());
        thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    public void Start() => thread.Start();

    /// <summary>Commits what waits, then ends the thread; gives up after <paramref name="timeout"/>, and tells waiters that the outcome is unknown.</summary>
    public void Stop(TimeSpan timeout)
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }

        if (thread.ThreadState.HasFlag(ThreadState.Unstarted) || thread.Join(timeout))
            return;

        lock (gate)
        {
            abandoned = true;
            committing?.Done.TrySetResult(Outcome.Unknown);
            waiting.Done.TrySetResult(Outcome.Unknown);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>
    /// Lets <paramref name="add"/> put something into the open batch, under the lock. Returns the batch's number,
    /// or false when the queue is full, too old, or closed.
    /// </summary>
    /// <param name="callers">Callers that will wait for it, about: a batch is let grow until about as many are there as lately.</param>
    /// <param name="add">Returns the batch to wait for: the given number, or an earlier one for a duplicate.</param>
    public bool TryAdd<TState>(TState state, int callers, int bytes, Func<TContent, long, TState, long> add, out long batch)
    {
        lock (gate)
        {
            if (stopping || waiting.Bytes + bytes > limits.MaxWaitingBytes || IsTooOld())
            {
                batch = 0;
                return false;
            }

            batch = add(waiting.Content, waiting.Number, state);
            if (batch != waiting.Number)
                return true;

            waiting.Bytes += bytes;
            if (waiting.Callers == 0)
                waiting.Since = time.GetTimestamp();

            var before = waiting.Callers;
            waiting.Callers += callers;
            if (before < wakeAt && waiting.Callers >= wakeAt)
                Monitor.Pulse(gate);

            return true;
        }
    }

    /// <summary>The outcome of a batch, as soon as it is known; unknown when that takes too long.</summary>
    public async Task<Outcome> WaitAsync(long batch)
    {
        try
        {
            return await OutcomeOf(batch).WaitAsync(limits.MaxCommitWait, time);
        }
        catch (TimeoutException)
        {
            return Outcome.Unknown;
        }
    }

    /// <summary>Runs something that touches what <see cref="TryAdd"/> touches.</summary>
    public void Synchronized(Action action)
    {
        lock (gate)
            action();
    }

    private Task<Outcome> OutcomeOf(long batch)
    {
        lock (gate)
        {
            if (batch == waiting.Number)
                return waiting.Done.Task;

            if (batch == committing?.Number)
                return committing.Done.Task;

            if (batch > waiting.Number || batch < oldestKnown)
                return Task.FromResult(Outcome.Unknown);

            return Task.FromResult(failures.Contains(batch) ? Outcome.Refused : Outcome.Committed);
        }
    }

    private bool IsTooOld() =>
        committing is { } stuck && time.GetElapsedTime(stuck.Since) > limits.MaxWaitingAge;

    private void Run()
    {
        while (Take() is { } batch)
        {
            var outcome = Commit(batch);
            Complete(batch, outcome);
            lock (gate)
            {
                Remember(batch.Number, outcome);
                committing = null;
                // Smoothed, so that one small batch does not end the next gap too early.
                recentConcurrency = (recentConcurrency + batch.Callers + waiting.Callers + 1) / 2;
            }

            batch.Done.TrySetResult(outcome);
        }
    }

    /// <summary>An exception of this thread would end the process, and with it what others have acknowledged and not applied.</summary>
    private void Complete(Batch batch, Outcome outcome)
    {
        try
        {
            completed(batch.Number, batch.Content, outcome);
        }
        catch (Exception e)
        {
            LogNotCompleted(logger, thread.Name, batch.Number, e);
        }
    }

    private Batch? Take()
    {
        lock (gate)
        {
            // Its waiters were told that the outcome is unknown, and what is over the engine may be closed by now.
            if (abandoned)
                return null;

            wakeAt = 1;
            while (waiting.Callers == 0)
            {
                if (stopping)
                    return null;

                Monitor.Wait(gate);
            }

            // Many tiny commits cost more in context switches than in I/O: wait briefly until about half of the
            // recent callers are back. At most one wait, so a lone caller loses one gap at the worst.
            wakeAt = recentConcurrency / 2;
            if (waiting.Callers < wakeAt && limits.MaxGap > TimeSpan.Zero && !stopping)
                Monitor.Wait(gate, limits.MaxGap);

            committing = waiting;
            waiting = new Batch(committing.Number + 1, open());
            return committing;
        }
    }

    private Outcome Commit(Batch batch)
    {
        var mayBeWritten = false;
        for (var delay = FirstRetry; ; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LastRetry.Ticks)))
        {
            try
            {
                commit(batch.Number, batch.Content);
                return Outcome.Committed;
            }
            catch (StoreRefusedException e) when (!mayBeWritten)
            {
                ReportRefused(batch.Number, e);
                return Outcome.Refused;
            }
            catch (WriterGoneException)
            {
                // What an earlier attempt may have written was applied by whoever took over.
                return mayBeWritten ? Outcome.Unknown : Outcome.Refused;
            }
            catch (Exception e)
            {
                mayBeWritten = true;
                LogRepeating(logger, thread.Name, batch.Number, e);
            }

            lock (gate)
            {
                if (!abandoned)
                    Monitor.Wait(gate, delay);

                if (abandoned)
                    return Outcome.Unknown;
            }
        }
    }

    /// <summary>A full disk refuses a thousand batches a second, and a log that says so each time does not help it.</summary>
    private void ReportRefused(long batch, StoreRefusedException e)
    {
        refusals++;
        if (reportedAt != 0 && time.GetElapsedTime(reportedAt) < ReportInterval)
            return;

        LogRefused(logger, thread.Name, refusals, batch, e.Message);
        (refusals, reportedAt) = (0, time.GetTimestamp());
    }

    private void Remember(long batch, Outcome outcome)
    {
        if (outcome == Outcome.Unknown)
            oldestKnown = batch + 1;

        if (outcome != Outcome.Refused)
            return;

        failures.Enqueue(batch);
        if (failures.Count > FailuresRemembered)
            oldestKnown = Math.Max(oldestKnown, failures.Dequeue() + 1);
    }

    [LoggerMessage(LogLevel.Error, "{Ledger}: {Count} batches up to {Batch} were refused, and their callers told that nothing was recorded. {Reason}")]
    private static partial void LogRefused(ILogger logger, string? ledger, int count, long batch, string reason);

    [LoggerMessage(LogLevel.Warning, "{Ledger}: the outcome of batch {Batch} is unknown; it is written again.")]
    private static partial void LogRepeating(ILogger logger, string? ledger, long batch, Exception exception);

    [LoggerMessage(LogLevel.Error, "{Ledger}: batch {Batch} is done, and what follows from it was not; its totals may be shown wrong until they are read again.")]
    private static partial void LogNotCompleted(ILogger logger, string? ledger, long batch, Exception exception);

    private sealed class Batch(long number, TContent content)
    {
        public readonly TContent Content = content;
        public readonly long Number = number;
        public readonly TaskCompletionSource<Outcome> Done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public int Callers;
        public long Bytes;
        public long Since;
    }
}
