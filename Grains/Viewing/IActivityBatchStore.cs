namespace Streaming.Viewing;

/// <summary>Where the activity ledger writes: watch history, resume positions, and what was sent to users.</summary>
public interface IActivityBatchStore
{
    /// <summary>
    /// Writes a batch in one transaction, guarded by (writer, batch number): a batch that was written before changes
    /// nothing. Values of sessions are absolute and never move back: watched time, the qualifying moment of a period and
    /// "watched" only grow, a position does not go back to one of an earlier moment. What a session that is a view has watched
    /// more than the store knew is added to the title's time of the day of its heartbeat. Downloads are added to their day. What a user did whose account is gone is left out.
    /// Synchronous on purpose: the activity ledger calls it on a thread of its own.
    /// </summary>
    /// <exception cref="StoreRefusedException">Nothing was written.</exception>
    void Write(string writerId, long batch, ActivityBatch content);
}

public sealed record ActivityBatch(IReadOnlyList<SessionProgress> Sessions, IReadOnlyList<DownloadedBytes> Downloads);
