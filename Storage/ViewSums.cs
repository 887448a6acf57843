using System.Runtime.InteropServices;
using Streaming.Ledger;

namespace Streaming.Storage;

/// <param name="Entries">Null when the row cannot be read, for <paramref name="Reason"/>.</param>
/// <param name="Size">Entries of the row, readable or not.</param>
internal sealed record JournalRow(long Batch, DateTimeOffset AcceptedAt, JournalEntries? Entries, string Reason, int Size);

/// <summary>Journal rows added up by hour and title, each receipt once: in its earliest row, and only if the store has not seen it.</summary>
internal sealed class ViewSums
{
    private ViewSums()
    {
    }

    /// <summary>What counts, by hour (hours since 1970, UTC) and title.</summary>
    public Dictionary<(long Hour, Guid ContentId), long> Fresh { get; } = [];

    /// <summary>What the rows carried by title, duplicates included.</summary>
    public Dictionary<Guid, long> Journalled { get; } = [];

    public static long HourOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / 3600;

    /// <summary>The receipts of the rows, each with the moment of its earliest row.</summary>
    public static Dictionary<Guid, DateTimeOffset> ReceiptsOf(IEnumerable<JournalRow> rows)
    {
        var receipts = new Dictionary<Guid, DateTimeOffset>();
        foreach (var row in rows)
        {
            foreach (var receipt in row.Entries?.Receipts ?? [])
                receipts.TryAdd(receipt, row.AcceptedAt);
        }

        return receipts;
    }

    /// <param name="isNew">Whether the store has not seen a receipt before; asked once for each.</param>
    public static ViewSums Of(IEnumerable<JournalRow> rows, Func<Guid, DateTimeOffset, bool> isNew)
    {
        var sums = new ViewSums();
        var firstBatches = new Dictionary<Guid, long>();
        var counted = new HashSet<(Guid Receipt, Guid ContentId)>();
        foreach (var row in rows)
        {
            if (row.Entries is not { } entries)
                continue;

            for (var i = 0; i < entries.ContentIds.Length; i++)
            {
                var fresh = true;
                if (i >= entries.Unkeyed)
                {
                    var receipt = entries.Receipts[i - entries.Unkeyed];
                    if (!firstBatches.TryGetValue(receipt, out var first))
                        firstBatches[receipt] = first = isNew(receipt, row.AcceptedAt) ? row.Batch : 0;

                    fresh = first == row.Batch && counted.Add((receipt, entries.ContentIds[i]));
                }

                sums.Add(HourOf(row.AcceptedAt), entries.ContentIds[i], entries.Counts[i], fresh);
            }
        }

        return sums;
    }

    private void Add(long hour, Guid contentId, long count, bool fresh)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(Journalled, contentId, out _) += count;
        if (fresh)
            CollectionsMarshal.GetValueRefOrAddDefault(Fresh, (hour, contentId), out _) += count;
    }
}
