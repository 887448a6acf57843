using Microsoft.Extensions.Logging;

namespace Streaming;

/// <summary>
/// Repeats a round of work for as long as the program wants it, or until it has succeeded once. Nothing that a round throws ends it, a cancellation that
/// is not its own stop least of all: the round has failed, and the next one comes after a pause. Made by
/// <see cref="BackgroundLoops"/>.
/// </summary>
public sealed partial class PeriodicLoop : IAsyncDisposable
{
    // For a round whose time is over, to end by its token.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly LoopSchedule schedule;
    private readonly Func<CancellationToken, Task> round;
    private readonly BackgroundLoops loops;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ThrottledWarning failed;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stopping = new();
    private TaskCompletionSource woken = NotWoken();
    private Task running = Task.CompletedTask;
    private DateTimeOffset? lastSuccess;
    private long silentSince;
    private int failures;
    private int disposed;

    internal PeriodicLoop(
        LoopSchedule schedule, Func<CancellationToken, Task> round, BackgroundLoops loops, TimeProvider time, ILogger logger, Action<int, Exception>? failed)
    {
        (this.schedule, this.round, this.loops, this.time, this.logger) = (schedule, round, loops, time, logger);
        this.failed = loops.CreateWarning(failed ?? ((count, latest) => LogFailed(logger, schedule.Name, count, latest)));
    }

    public string Name => schedule.Name;

    public LoopState State
    {
        get
        {
            lock (gate)
                return new LoopState(Name, lastSuccess, failures, time.GetElapsedTime(silentSince) > schedule.MaxSilence);
        }
    }

    /// <summary>Since a round ended well last, or since the loop began.</summary>
    public TimeSpan SinceSuccess
    {
        get
        {
            lock (gate)
                return time.GetElapsedTime(silentSince);
        }
    }

    /// <summary>Runs the loop beside the caller, until <see cref="StopAsync"/>.</summary>
    public void Start()
    {
        // What it does is no part of the trace of who starts it.
        using var apart = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        running = Task.Run(() => RunAsync(stopping.Token), CancellationToken.None);
    }

    /// <summary>Ends the loop, and waits for a round under way for as long as the caller likes. Never throws.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref disposed) == 0)
            await stopping.CancelAsync();

        await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Has the next round begin now, or as soon as the one under way has ended. After a failure the pause goes on.</summary>
    public void Wake()
    {
        lock (gate)
        {
            if (failures == 0)
                woken.TrySetResult();
        }
    }

    /// <summary>Runs the loop until <paramref name="stopping"/>, or a success that ends it. Never throws.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        lock (gate)
            silentSince = time.GetTimestamp();

        loops.Began(this);
        try
        {
            var due = schedule.FirstAfter;
            for (var since = silentSince; await WaitAsync(due - time.GetElapsedTime(since), stopping);)
            {
                var begun = time.GetElapsedTime(since);
                if (!await TryRoundAsync(stopping))
                    due = begun + schedule.PauseAfter(failures);
                else if (schedule.EndsWithSuccess)
                    return;
                else
                    due = begun < due ? begun + schedule.Interval : Max(due + schedule.Interval, begun);
            }
        }
        finally
        {
            loops.Ended(this);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            stopping.Dispose();
    }

    /// <returns>Whether to go on.</returns>
    private async Task<bool> WaitAsync(TimeSpan pause, CancellationToken stopping)
    {
        if (pause > TimeSpan.Zero)
            await woken.Task.WaitAsync(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        return !stopping.IsCancellationRequested;
    }

    private async Task<bool> TryRoundAsync(CancellationToken stopping)
    {
        lock (gate)
            woken = NotWoken();

        using var timeout = new CancellationTokenSource(schedule.RoundTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            await WithoutHangingAsync(round(ended.Token), stopping);
            lock (gate)
                (lastSuccess, silentSince, failures) = (time.GetUtcNow(), time.GetTimestamp(), 0);

            return true;
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // What a round throws that is told to end is no failure.
            return false;
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            Fail(new TimeoutException($"A round took longer than {schedule.RoundTimeout.TotalSeconds:0.###} s.", e));
            return false;
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }
    }

    /// <summary>A round that does not heed its token is waited for all the same, since two must not run at once; but it is said.</summary>
    private async Task WithoutHangingAsync(Task work, CancellationToken stopping)
    {
        await work.WaitAsync(schedule.RoundTimeout + Grace, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompleted && !stopping.IsCancellationRequested)
            Fail(new TimeoutException($"A round has not ended {schedule.RoundTimeout.TotalSeconds:0.###} s after its beginning, and hangs."));

        await work;
    }

    private void Fail(Exception e)
    {
        lock (gate)
        {
            failures++;
            woken = NotWoken();
        }

        loops.Failed(this);
        failed.Report(e);
    }

    private static TaskCompletionSource NotWoken() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(LogLevel.Warning, "The background loop {Loop} failed {Count} times, and goes on. This is the latest failure.")]
    private static partial void LogFailed(ILogger logger, string loop, int count, Exception exception);
}
