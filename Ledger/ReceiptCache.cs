namespace Streaming.Ledger;

/// <summary>
/// The receipts that this silo took last, with the batch that holds each, so that a repeated key waits for the
/// original's commit and a key used with another count is refused. Oldest out first; what is out is met again in
/// the store's receipts. Not thread-safe: only touched under the ledger's lock.
/// </summary>
internal sealed class ReceiptCache(int capacity)
{
    private readonly Dictionary<Guid, (long Batch, long Count)> receipts = [];
    private readonly Queue<(Guid Receipt, long Batch)> order = new();

    public bool TryGet(Guid receipt, out long batch, out long count)
    {
        var found = receipts.TryGetValue(receipt, out var seen);
        (batch, count) = seen;
        return found;
    }

    public void Add(Guid receipt, long batch, long count)
    {
        if (capacity == 0)
            return;

        receipts[receipt] = (batch, count);
        order.Enqueue((receipt, batch));
        while (order.Count > capacity)
        {
            var (oldest, itsBatch) = order.Dequeue();
            Forget(oldest, itsBatch);
        }
    }

    /// <summary>Forgets a receipt, unless a later batch has it by now.</summary>
    public void Forget(Guid receipt, long batch)
    {
        if (receipts.TryGetValue(receipt, out var seen) && seen.Batch == batch)
            receipts.Remove(receipt);
    }
}
