using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Streaming.Viewing;

/// <summary>What became of one entry of a call to a ledger.</summary>
internal enum EntryStatus
{
    Committed,

    /// <summary>Nothing was recorded; try again later.</summary>
    Refused,

    /// <summary>Its commit may or may not have happened.</summary>
    Unknown,

    KeyConflict,

    /// <summary>Nothing was recorded; the title is not active where it was thought to be.</summary>
    Elsewhere,

    /// <summary>The call failed before any of it ran.</summary>
    NeverRan,

    /// <summary>The call failed, and it may have run.</summary>
    MayHaveRun,
}

/// <summary>One call to a ledger: collects views until it is sent, and then has their outcome.</summary>
internal sealed class LedgerCall
{
    private const int MaxEntries = 2_000;

    private readonly List<Guid> contentIds = [];
    private readonly List<long> counts = [];
    private readonly List<Guid> receipts = new(0);

    // Continuations go to the pool one by one: hundreds of requests end here, and one thread must not finish them all.
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<Guid, int>? indexes;
    private EntryStatus? failure;
    private LedgerTicket ticket = LedgerTicket.Full;
    private ImmutableArray<long> batches = [];
    private ImmutableArray<Outcome> outcomes = [];

    public static LedgerCall NeverSent { get; } = MakeNeverSent();

    public Task Done => done.Task;

    /// <summary>Adds views; those of one title without a key add up. False when the call is full.</summary>
    public bool TryAdd(Guid contentId, int count, Guid? receipt, out int index)
    {
        index = contentIds.Count;
        if (receipt is null && index > 0)
        {
            // A lone view, the common call of a quiet moment, needs no index.
            indexes ??= new Dictionary<Guid, int> { [contentIds[0]] = 0 };
            if (indexes.TryGetValue(contentId, out var known))
            {
                index = known;
                counts[index] += count;
                return true;
            }

            indexes.Add(contentId, index);
        }

        if (index == MaxEntries)
        {
            indexes?.Remove(contentId);
            return false;
        }

        contentIds.Add(contentId);
        counts.Add(count);
        if (receipt is { } key)
            receipts.Add(key);

        return true;
    }

    public LedgerViews ToViews() => new(
        ImmutableCollectionsMarshal.AsImmutableArray(contentIds.ToArray()),
        ImmutableCollectionsMarshal.AsImmutableArray(counts.ToArray()),
        ImmutableCollectionsMarshal.AsImmutableArray(receipts.ToArray()));

    /// <param name="taken">The ledger's answer.</param>
    /// <param name="waitedFor">The batches in it, each once.</param>
    /// <param name="known">Their outcomes.</param>
    public void Complete(LedgerTicket taken, ImmutableArray<long> waitedFor, ImmutableArray<Outcome> known)
    {
        (ticket, batches, outcomes) = (taken, waitedFor, known);
        done.SetResult();
    }

    public void Fail(EntryStatus status)
    {
        failure = status;
        done.SetResult();
    }

    /// <summary>When it is done.</summary>
    public EntryStatus Status(int index)
    {
        if (failure is { } status)
            return status;

        if (ticket.Busy)
            return EntryStatus.Refused;

        if (ticket.KeyConflicts.Contains(index))
            return EntryStatus.KeyConflict;

        if (ticket.Elsewhere.Contains(index))
            return EntryStatus.Elsewhere;

        return outcomes[batches.IndexOf(ticket.Batches?[index] ?? ticket.Batch)] switch
        {
            Outcome.Committed => EntryStatus.Committed,
            Outcome.Refused => EntryStatus.Refused,
            _ => EntryStatus.Unknown,
        };
    }

    /// <summary>The live total of the title of a view that was recorded.</summary>
    public long Views(int index) => ticket.Views[index];

    private static LedgerCall MakeNeverSent()
    {
        var call = new LedgerCall();
        call.Fail(EntryStatus.NeverRan);
        return call;
    }
}
