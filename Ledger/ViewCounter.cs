namespace Streaming.Ledger;

/// <summary>The live total of one title on one silo: what is applied, plus what this silo's ledger holds and has not applied.</summary>
public sealed class ViewCounter(Guid contentId)
{
    private readonly Lock gate = new();
    private long applied;
    private long pending;
    private int users;
    private bool closed;
    private TaskCompletionSource? moving;

    public Guid ContentId => contentId;

    public long Live
    {
        get
        {
            lock (gate)
                return applied + pending;
        }
    }

    internal bool HasPending
    {
        get
        {
            lock (gate)
                return pending > 0;
        }
    }

    internal bool IsUsed => Volatile.Read(ref users) > 0;

    /// <summary>Null while views of the title are taken here; otherwise completes when all that were are in its total, which another silo then reads.</summary>
    public Task? Moved => Volatile.Read(ref moving)?.Task;

    /// <summary>From now on no more are taken, until another activation uses the counter.</summary>
    internal TaskCompletionSource Move()
    {
        lock (gate)
            return moving ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>False when the counter was closed meanwhile: get a new one.</summary>
    internal bool TryAdd(long count)
    {
        lock (gate)
        {
            if (closed)
                return false;

            pending += count;
            return true;
        }
    }

    /// <summary>Takes back views whose batch was refused.</summary>
    internal void Withdraw(long count)
    {
        lock (gate)
            pending -= count;
    }

    /// <summary>Moves views from pending to applied; totals only grow, so an older reading changes nothing.</summary>
    internal void Apply(long journalled, long total)
    {
        lock (gate)
        {
            pending -= journalled;
            applied = Math.Max(applied, total);
        }
    }

    /// <summary>Takes views again.</summary>
    internal void Stay()
    {
        lock (gate)
            moving = null;
    }

    internal bool TryUse()
    {
        lock (gate)
        {
            if (closed)
                return false;

            users++;
            moving = null;
            return true;
        }
    }

    internal void Release()
    {
        lock (gate)
            users--;
    }

    /// <summary>Closes the counter when no activation uses it and nothing is pending.</summary>
    internal bool TryClose()
    {
        lock (gate)
            return closed = users == 0 && pending == 0;
    }
}
