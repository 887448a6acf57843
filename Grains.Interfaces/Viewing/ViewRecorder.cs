using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Streaming.Content;

namespace Streaming.Viewing;

public enum RecordStatus
{
    /// <summary>The views are on disk.</summary>
    Recorded,

    UnknownTitle,

    /// <summary>The key was used for this title with another count.</summary>
    KeyConflict,

    /// <summary>Nothing was recorded; try again later.</summary>
    NotRecorded,

    /// <summary>The views may or may not have been recorded; only a keyed call is safe to repeat.</summary>
    Unknown,
}

/// <param name="Views">The title's live total; 0 unless recorded.</param>
public readonly record struct RecordResult(RecordStatus Status, long Views = 0);

/// <summary>
/// The calling side of the view ledger. While a call for a title is under way, further views of that title wait and
/// go as the next call, so a viral title costs one grain call a round trip; callers of one journal batch share one wait.
/// </summary>
public sealed partial class ViewRecorder(IGrainFactory grains, GrainReferences<IContentGrain> titles, ILogger<ViewRecorder> logger)
{
    private const int MaxFailures = 3;

    // With the growing pauses about 4 s: for so long calls may be rejected after a silo died, until the others know.
    private const int MaxRejections = 12;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(500);

    private readonly RepeatedWarning failedCalls = new(TimeProvider.System, (count, latest) => LogCallsFailed(logger, count, latest));
    private readonly RepeatedWarning failedWaits = new(TimeProvider.System, (count, latest) => LogWaitsFailed(logger, count, latest));
    private readonly ConcurrentDictionary<LaneKey, Lane> lanes = new();
    private readonly ConcurrentDictionary<(string Ledger, long Batch), TaskCompletionSource<BatchOutcome>> waits = new();

    /// <summary>Records <paramref name="count"/> views (1 to <see cref="ViewLimits.MaxCount"/>) and waits until they are on disk.</summary>
    /// <param name="receipt">Of the caller's idempotency key (<see cref="Receipts"/>); null to count every call.</param>
    public async ValueTask<RecordResult> RecordAsync(Guid contentId, int count, Guid? receipt)
    {
        if (!TryJoin(new LaneKey(contentId, receipt is not null), count, receipt, out var seat))
            return new RecordResult(RecordStatus.NotRecorded);

        Reply reply;
        if (seat.Waiting is { } waiting)
        {
            reply = await waiting.Task;
        }
        else
        {
            reply = await SendAsync(seat.Key, seat.Call);
            SendNext(seat.Key, seat.Lane);
        }

        if (reply.Ticket is not { Status: TicketStatus.Queued } ticket)
            return new RecordResult(reply.Failure);

        var batch = seat.KeyedIndex >= 0 ? ticket.KeyedBatches[seat.KeyedIndex] : ticket.Batch;
        if (batch == 0)
            return new RecordResult(RecordStatus.KeyConflict);

        return await WaitAsync(ticket.Ledger, batch) switch
        {
            BatchOutcome.Committed => new RecordResult(RecordStatus.Recorded, ticket.Views),
            BatchOutcome.NotRecorded => new RecordResult(RecordStatus.NotRecorded),
            _ => new RecordResult(RecordStatus.Unknown),
        };
    }

    private bool TryJoin(LaneKey key, int count, Guid? receipt, out Seat seat)
    {
        while (true)
        {
            var lane = lanes.GetOrAdd(key, static _ => new Lane());
            lock (lane)
            {
                if (lane.Closed)
                    continue;

                if (!lane.Sending)
                {
                    lane.Sending = true;
                    var call = new Call();
                    seat = new Seat(key, lane, call, call.Add(count, receipt), Waiting: null);
                    return true;
                }

                lane.Next ??= new WaitingCall();
                if (lane.Next.Call.IsFull)
                {
                    seat = default;
                    return false;
                }

                seat = new Seat(key, lane, lane.Next.Call, lane.Next.Call.Add(count, receipt), lane.Next.Done);
                return true;
            }
        }
    }

    /// <summary>After a call: lets the views that waited go as the next one, or closes the lane.</summary>
    private void SendNext(LaneKey key, Lane lane)
    {
        if (TakeNext(key, lane) is { } next)
            _ = SendAllAsync(key, lane, next);
    }

    private async Task SendAllAsync(LaneKey key, Lane lane, WaitingCall first)
    {
        for (var next = first; next is not null; next = TakeNext(key, lane))
            next.Done.SetResult(await SendAsync(key, next.Call));
    }

    private WaitingCall? TakeNext(LaneKey key, Lane lane)
    {
        lock (lane)
        {
            var next = lane.Next;
            lane.Next = null;
            if (next is null)
            {
                lane.Closed = true;
                lanes.TryRemove(key, out _);
            }

            return next;
        }
    }

    /// <summary>
    /// Never throws. A call is repeated only when nothing of it can have run, or when all of it is keyed:
    /// Orleans calls are at most once and the outcome of a failed one is unknown.
    /// </summary>
    private async Task<Reply> SendAsync(LaneKey key, Call call)
    {
        var views = call.ToViews();
        // Once an attempt may have run, a later one that took nothing does not say that nothing was recorded.
        var failure = RecordStatus.NotRecorded;
        var (failures, rejections) = (0, 0);
        while (true)
        {
            try
            {
                var ticket = await titles.Get(key.ContentId).RecordViewsAsync(views);
                return new Reply(ticket, ticket.Status switch
                {
                    TicketStatus.UnknownTitle => RecordStatus.UnknownTitle,
                    TicketStatus.Busy => failure,
                    _ => RecordStatus.Recorded,
                });
            }
            catch (Exception e) when (FailedCall.NeverRan(e))
            {
                // Nothing of it is anywhere.
                rejections++;
            }
            catch (Exception e)
            {
                failures++;
                failure = RecordStatus.Unknown;
                failedCalls.Report(e);
            }

            if (failures == MaxFailures || rejections == MaxRejections || (failures > 0 && !key.Keyed))
                return new Reply(null, failure);

            await Task.Delay(PauseAfter(failures + rejections));
        }
    }

    private static TimeSpan PauseAfter(int attempts) =>
        TimeSpan.FromTicks(Math.Min(LastPause.Ticks, FirstPause.Ticks << (attempts - 1)));

    private Task<BatchOutcome> WaitAsync(string ledger, long batch)
    {
        var key = (ledger, batch);
        if (waits.TryGetValue(key, out var shared))
            return shared.Task;

        // Continuations go to the pool one by one: hundreds of requests end here, and one thread must not finish them all.
        var wait = new TaskCompletionSource<BatchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        shared = waits.GetOrAdd(key, wait);
        if (shared == wait)
            _ = AskAsync(key, wait);

        return shared.Task;
    }

    private async Task AskAsync((string Ledger, long Batch) key, TaskCompletionSource<BatchOutcome> wait)
    {
        var outcome = BatchOutcome.Unknown;
        try
        {
            outcome = await AskAsync(grains.GetGrain<ILedgerGrain>(key.Ledger), key.Batch);
        }
        catch (Exception e)
        {
            failedWaits.Report(e);
        }
        finally
        {
            waits.TryRemove(key, out _);
            wait.SetResult(outcome);
        }
    }

    /// <summary>Asking changes nothing and may be repeated, other than after a time-out: the caller has waited long enough then.</summary>
    private static async Task<BatchOutcome> AskAsync(ILedgerGrain ledger, long batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ledger.WaitAsync(batch);
            }
            catch (OrleansException) when (attempt < MaxRejections)
            {
                await Task.Delay(PauseAfter(attempt));
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Count} calls that record views failed, and whether they recorded any is unknown; this is the latest.")]
    private static partial void LogCallsFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "No answer from a ledger about {Count} batches, and their outcome is unknown; this is the latest failure.")]
    private static partial void LogWaitsFailed(ILogger logger, int count, Exception exception);

    private readonly record struct LaneKey(Guid ContentId, bool Keyed);

    private readonly record struct Seat(
        LaneKey Key, Lane Lane, Call Call, int KeyedIndex, TaskCompletionSource<Reply>? Waiting);

    private readonly record struct Reply(ViewTicket? Ticket, RecordStatus Failure);

    private sealed class Lane
    {
        public bool Sending;
        public bool Closed;
        public WaitingCall? Next;
    }

    private sealed class Call
    {
        private long unkeyed;
        private List<KeyedView>? keyed;

        public bool IsFull => keyed?.Count >= ViewLimits.MaxKeyedPerCall;

        /// <summary>The view's place among the keyed ones; -1 without a key.</summary>
        public int Add(int count, Guid? receipt)
        {
            if (receipt is { } value)
            {
                (keyed ??= []).Add(new KeyedView(value, count));
                return keyed.Count - 1;
            }

            unkeyed += count;
            return -1;
        }

        public TitleViews ToViews() => keyed is null && unkeyed == 1 ? TitleViews.One : new TitleViews(unkeyed, [.. keyed ?? []]);
    }

    private sealed class WaitingCall
    {
        public Call Call { get; } = new();

        public TaskCompletionSource<Reply> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
