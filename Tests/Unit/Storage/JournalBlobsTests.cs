using Streaming.Ledger;
using Streaming.Storage.Embedded;

namespace Streaming.Tests.Storage;

public sealed class JournalBlobsTests
{
    private readonly Samples samples = new();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1000, 0)]
    [InlineData(1000, 999)]
    [InlineData(1000, 1000)]
    public void Entries_survive_their_blobs(int entries, int keyed)
    {
        var ids = Enumerable.Range(0, entries).Select(_ => samples.Id()).ToArray();
        var counts = Enumerable.Range(0, entries).Select(i => i == 0 ? JournalEntries.MaxCount : samples.Number(1, 1_000_000)).ToArray();
        var receipts = Enumerable.Range(0, keyed).Select(_ => samples.Id()).ToArray();

        var read = JournalBlobs.Read(
            JournalBlobs.FromIds(ids), JournalBlobs.FromCounts(counts), keyed == 0 ? null : JournalBlobs.FromIds(receipts), out var reason);

        Assert.Equal(ids, read!.ContentIds);
        Assert.Equal(counts, read.Counts);
        Assert.Equal(receipts, read.Receipts);
        Assert.Empty(reason);
    }

    [Fact]
    public void An_id_stands_in_a_blob_as_in_its_text()
    {
        var id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        Assert.Equal(id.ToString("N"), Convert.ToHexStringLower(JournalBlobs.FromIds([id])));
        Assert.Equal("0000000000000102", Convert.ToHexStringLower(JournalBlobs.FromCounts([258])));
    }

    [Theory]
    [InlineData(15, 8, 0)]
    [InlineData(16, 7, 0)]
    [InlineData(16, 16, 0)]
    [InlineData(32, 8, 0)]
    [InlineData(16, 0, 0)]
    [InlineData(0, 8, 0)]
    [InlineData(16, 8, 15)]
    [InlineData(16, 8, 32)]
    public void Blobs_whose_lengths_do_not_fit_are_refused(int ids, int counts, int receipts)
    {
        var blob = new byte[counts];
        Array.Fill(blob, (byte)0);
        if (counts >= 8)
            blob[7] = 1;

        Assert.Null(JournalBlobs.Read(new byte[ids], blob, receipts == 0 ? null : new byte[receipts], out var reason));
        Assert.Contains("lengths", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(JournalEntries.MaxCount + 1)]
    public void A_count_out_of_range_is_refused(long count)
    {
        Assert.Null(JournalBlobs.Read(new byte[32], JournalBlobs.FromCounts([1, count]), null, out var reason));
        Assert.Contains("count", reason, StringComparison.Ordinal);
    }
}
