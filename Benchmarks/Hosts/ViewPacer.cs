using System.Diagnostics;
using Streaming.Benchmarks.Load;
using Streaming.Viewing;

namespace Streaming.Benchmarks.Hosts;

/// <summary>An open loop inside the front: views at a fixed rate by the clock, whether or not those before are answered.</summary>
/// <remarks>Without HTTP, which would take the processor from what is measured.</remarks>
internal sealed class ViewPacer(ViewLedgerClient ledger)
{
    /// <summary>Views under way; past it the pace is not kept, and the result says so.</summary>
    private const int MaxOutstanding = 50_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(15);

    private volatile bool isStopped;

    /// <param name="rate">Views a second.</param>
    /// <param name="seconds">How long, if nobody stops it.</param>
    /// <param name="ids">Titles, by falling popularity.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<PacedViews> RunAsync(int rate, int seconds, Guid[] ids, CancellationToken cancellationToken)
    {
        isStopped = false;
        var order = Zipf.Samples(ids.Length);
        var tally = new Tally();
        using var timer = new PeriodicTimer(Tick);
        var started = Stopwatch.GetTimestamp();
        var (sent, heldBack) = (0L, 0L);
        while (!isStopped && Stopwatch.GetElapsedTime(started) is var elapsed && elapsed.TotalSeconds < seconds && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var due = (long)(rate * elapsed.TotalSeconds) - sent - heldBack; due > 0; due--)
            {
                if (tally.Outstanding >= MaxOutstanding)
                {
                    heldBack += due;
                    break;
                }

                _ = tally.RecordAsync(ledger, ids[order[sent++ % order.Length]]);
            }
        }

        var duration = Stopwatch.GetElapsedTime(started).TotalSeconds;
        for (var drain = Stopwatch.StartNew(); tally.Outstanding > 0 && drain.Elapsed < DrainLimit;)
            await timer.WaitForNextTickAsync(cancellationToken);

        return new PacedViews(duration, sent, heldBack, tally.Recorded, tally.NotRecorded, tally.Unknown + tally.Outstanding);
    }

    public void Stop() => isStopped = true;

    private sealed class Tally
    {
        private long outstanding;
        private long recorded;
        private long notRecorded;
        private long unknown;

        public long Outstanding => Interlocked.Read(ref outstanding);
        public long Recorded => Interlocked.Read(ref recorded);
        public long NotRecorded => Interlocked.Read(ref notRecorded);
        public long Unknown => Interlocked.Read(ref unknown);

        public async Task RecordAsync(ViewLedgerClient ledger, Guid id)
        {
            Interlocked.Increment(ref outstanding);
            var outcome = (await ledger.RecordAsync(id, 1, receipt: null)).Outcome;
            Interlocked.Increment(ref outcome == Outcome.Committed ? ref recorded : ref outcome == Outcome.Unknown ? ref unknown : ref notRecorded);
            Interlocked.Decrement(ref outstanding);
        }
    }
}

/// <param name="HeldBack">Views that were due and not sent, because too many were under way.</param>
internal sealed record PacedViews(double Seconds, long Sent, long HeldBack, long Recorded, long NotRecorded, long Unknown);
