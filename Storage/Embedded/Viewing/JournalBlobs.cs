using System.Buffers.Binary;
using Streaming.Ledger;

namespace Streaming.Storage.Embedded;

/// <summary>The blob form of <see cref="JournalEntries"/>; <c>sql/sqlite/journal</c> describes it.</summary>
internal static class JournalBlobs
{
    private const int IdSize = 16;
    private const int CountSize = 8;

    public static byte[] FromIds(ReadOnlySpan<Guid> ids)
    {
        var blob = new byte[ids.Length * IdSize];
        for (var i = 0; i < ids.Length; i++)
            ids[i].TryWriteBytes(blob.AsSpan(i * IdSize), bigEndian: true, out _);

        return blob;
    }

    public static byte[] FromCounts(ReadOnlySpan<long> counts)
    {
        var blob = new byte[counts.Length * CountSize];
        for (var i = 0; i < counts.Length; i++)
            BinaryPrimitives.WriteInt64BigEndian(blob.AsSpan(i * CountSize), counts[i]);

        return blob;
    }

    /// <summary>Null, with the reason, for blobs that do not fit together.</summary>
    public static JournalEntries? Read(byte[] contentIds, byte[] counts, byte[]? receipts, out string reason)
    {
        var entries = contentIds.Length / IdSize;
        var keyed = (receipts?.Length ?? 0) / IdSize;
        if (contentIds.Length % IdSize != 0 || counts.Length != entries * CountSize || (receipts?.Length ?? 0) % IdSize != 0 || keyed > entries)
        {
            reason = $"lengths do not fit: {contentIds.Length} bytes of ids, {counts.Length} of counts, {receipts?.Length ?? 0} of receipts";
            return null;
        }

        var values = new long[entries];
        for (var i = 0; i < entries; i++)
            values[i] = BinaryPrimitives.ReadInt64BigEndian(counts.AsSpan(i * CountSize));

        reason = values.AsSpan().ContainsAnyExceptInRange(1, JournalEntries.MaxCount) ? "a count is out of range" : "";
        return reason.Length == 0 ? new JournalEntries(ToIds(contentIds), values, ToIds(receipts ?? [])) : null;
    }

    private static Guid[] ToIds(byte[] blob)
    {
        var ids = new Guid[blob.Length / IdSize];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = new Guid(blob.AsSpan(i * IdSize, IdSize), bigEndian: true);

        return ids;
    }
}
