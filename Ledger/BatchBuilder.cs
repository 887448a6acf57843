using System.Runtime.InteropServices;

namespace Streaming.Ledger;

/// <summary>
/// A journal batch while it collects: views without a key add up by title, views with one stay apart. What it takes
/// is in the live totals at once. Only touched under the ledger's lock until it is frozen.
/// </summary>
internal sealed class BatchBuilder(ReceiptCache receipts, ViewCounters counters)
{
    private readonly Dictionary<Guid, long> unkeyed = [];
    private readonly List<(Guid ContentId, long Count, Guid Receipt)> keyed = new(0);

    public int Entries => unkeyed.Count + keyed.Count;

    /// <summary>Sum of the counts.</summary>
    public long Views { get; private set; }

    public void Add(Guid contentId, long count)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(unkeyed, contentId, out _);
        sum += count;
        Views += count;
        counters.Add(contentId, count);
    }

    /// <summary>The batch that holds the keyed view: this one, or the original's; null when the key came with another count.</summary>
    public long? AddKeyed(long number, Guid contentId, long count, Guid receipt)
    {
        if (receipts.TryGet(receipt, out var earlier, out var earlierCount))
            return earlierCount == count ? earlier : null;

        receipts.Add(receipt, number, count);
        Add(contentId, count, receipt);
        return number;
    }

    /// <summary>Many titles under one receipt, each once; the batch that holds them, null as above.</summary>
    public long? AddKeyed(long number, IReadOnlyDictionary<Guid, long> counts, Guid receipt)
    {
        var total = counts.Values.Sum();
        if (receipts.TryGet(receipt, out var earlier, out var earlierTotal))
            return earlierTotal == total ? earlier : null;

        receipts.Add(receipt, number, total);
        foreach (var (contentId, count) in counts)
            Add(contentId, count, receipt);

        return number;
    }

    /// <summary>The batch was refused: its views leave the live totals, and its keys may be tried again.</summary>
    public void Revert(long number)
    {
        foreach (var (contentId, count) in unkeyed)
            counters.Withdraw(contentId, count);

        foreach (var (contentId, count, receipt) in keyed)
        {
            counters.Withdraw(contentId, count);
            receipts.Forget(receipt, number);
        }
    }

    public JournalEntries ToEntries()
    {
        var ids = new Guid[Entries];
        var counts = new long[Entries];
        var keys = new Guid[keyed.Count];
        unkeyed.Keys.CopyTo(ids, 0);
        unkeyed.Values.CopyTo(counts, 0);
        for (var i = 0; i < keyed.Count; i++)
            (ids[unkeyed.Count + i], counts[unkeyed.Count + i], keys[i]) = keyed[i];

        return new JournalEntries(ids, counts, keys);
    }

    private void Add(Guid contentId, long count, Guid receipt)
    {
        keyed.Add((contentId, count, receipt));
        Views += count;
        counters.Add(contentId, count);
    }
}
