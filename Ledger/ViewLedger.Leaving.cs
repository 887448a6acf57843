using Microsoft.Extensions.Logging;

namespace Streaming.Ledger;

/// <summary>How the ledger lets titles go: all of them before its silo stops, or some to a silo that joins.</summary>
public sealed partial class ViewLedger
{
    // For callers to ask what became of the views that were taken, which they do at once where they live.
    private static readonly TimeSpan TicketPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LeavePoll = TimeSpan.FromMilliseconds(20);

    private readonly TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool isLeaving;

    /// <summary>
    /// Null while views of titles that are active here are taken. Once the silo is about to go, completes when what it took is in the totals,
    /// which another silo then reads, or when that has taken too long.
    /// </summary>
    public Task? Left => isLeaving ? left.Task : null;

    /// <summary>
    /// Before the silo's grains end: takes no more views of single titles, answers for those that it took, and applies them. Whole requests are
    /// taken until the end, since each is one call, which ends before its grain does.
    /// </summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        isLeaving = true;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(LeavePatience);
        try
        {
            for (var since = time.GetTimestamp(); Volatile.Read(ref openTickets) > 0 && time.GetElapsedTime(since) < TicketPatience;)
                await Task.Delay(LeavePoll, time, giveUp.Token);

            await applier.CatchUpAsync(giveUp.Token);
        }
        catch (Exception e)
        {
            // The stop tries again, and after it another silo.
            LogNotCaughtUp(logger, applier.Unapplied, e);
        }
        finally
        {
            left.TrySetResult();
        }
    }

    /// <summary>The titles that are active here.</summary>
    public IReadOnlyList<Guid> Titles => [.. counters.Titles.Where(title => counters.FindUsed(title) is not null)];

    /// <summary>
    /// Takes no more views of these titles until <see cref="ViewCounter.Moved"/>, when those that it took are in their totals. Those for which that takes too
    /// long stay. Their activations are to end then, or <see cref="Stay"/>.
    /// </summary>
    /// <returns>The titles that may go.</returns>
    /// <exception cref="StoreUnavailableException">No activation could read a total now, so all stay.</exception>
    public async Task<IReadOnlyList<Guid>> MoveAsync(IReadOnlyList<Guid> contentIds, CancellationToken cancellationToken)
    {
        // What is in memory here is served while the database is away; elsewhere it could not be.
        await journal.GetTotalsAsync(contentIds, cancellationToken);
        var moving = contentIds.Select(counters.FindUsed).OfType<ViewCounter>().Select(counter => (Counter: counter, Moved: counter.Move())).ToList();
        var isSettled = false;
        try
        {
            // What is in the open batch is not journalled yet.
            for (var since = time.GetTimestamp(); moving.Exists(title => title.Counter.HasPending) && time.GetElapsedTime(since) < LeavePatience;)
            {
                applier.ApplySoon();
                await Task.Delay(LeavePoll, time, cancellationToken);
            }

            isSettled = true;
        }
        finally
        {
            foreach (var (counter, moved) in moving)
            {
                if (!isSettled || counter.HasPending)
                    counter.Stay();

                moved.TrySetResult();
            }
        }

        return [.. moving.Where(title => title.Counter.Moved is not null).Select(title => title.Counter.ContentId)];
    }

    /// <summary>Takes views of a title again whose activation has not gone after all.</summary>
    public void Stay(Guid contentId) => counters.Stay(contentId);

    [LoggerMessage(LogLevel.Warning, "The journal could not be applied before the titles leave; {Entries} entries follow at the end of the stop.")]
    private static partial void LogNotCaughtUp(ILogger logger, long entries, Exception exception);
}
