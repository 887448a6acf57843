using Streaming.Ledger;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

public sealed class BatchBuilderTests
{
    private readonly Samples samples = new();
    private readonly ReceiptCache receipts = new(3);
    private readonly ViewCounters counters = new();
    private readonly Guid title;
    private readonly Guid other;
    private readonly BatchBuilder batch;

    public BatchBuilderTests()
    {
        (title, other) = (samples.Id(), samples.Id());
        batch = new BatchBuilder(receipts, counters);
    }

    [Fact]
    public void Views_without_a_key_add_up_by_title()
    {
        batch.Add(title, 2);
        batch.Add(other, 1);
        batch.Add(title, 3);

        var entries = batch.ToEntries();
        Assert.Equal(2, batch.Entries);
        Assert.Equal([(title, 5L), (other, 1L)], entries.ContentIds.Zip(entries.Counts));
        Assert.Empty(entries.Receipts);
    }

    [Fact]
    public void Keyed_views_stay_apart_and_stand_last()
    {
        var (first, second) = (samples.Id(), samples.Id());
        Assert.Equal(4, batch.AddKeyed(4, title, 1, first));
        batch.Add(other, 9);
        Assert.Equal(4, batch.AddKeyed(4, title, 2, second));

        var entries = batch.ToEntries();
        Assert.Equal([(other, 9L), (title, 1L), (title, 2L)], entries.ContentIds.Zip(entries.Counts));
        Assert.Equal([first, second], entries.Receipts);
        Assert.Equal(1, entries.Unkeyed);
    }

    [Fact]
    public void A_repeated_key_leads_to_the_batch_of_the_original()
    {
        var receipt = samples.Id();
        batch.AddKeyed(4, title, 1, receipt);
        var next = new BatchBuilder(receipts, counters);

        Assert.Equal(4, next.AddKeyed(5, title, 1, receipt));
        Assert.Equal(0, next.Entries);
        Assert.Equal(1, Live(title));
    }

    [Fact]
    public void A_key_with_another_count_is_a_conflict()
    {
        var receipt = samples.Id();
        batch.AddKeyed(4, title, 1, receipt);
        Assert.Null(batch.AddKeyed(4, title, 2, receipt));
        Assert.Equal(1, batch.Entries);
        Assert.Equal(1, Live(title));
    }

    [Fact]
    public void A_key_of_many_titles_with_another_sum_is_a_conflict_though_the_largest_count_is_the_same()
    {
        var receipt = samples.Id();
        batch.AddKeyed(4, new Dictionary<Guid, long> { [title] = 2, [other] = 3 }, receipt);

        Assert.Null(batch.AddKeyed(4, new Dictionary<Guid, long> { [other] = 3 }, receipt));
        Assert.Equal(2, batch.Entries);
    }

    [Fact]
    public void Its_views_are_those_with_a_key_and_those_without()
    {
        batch.Add(title, 2);
        batch.AddKeyed(4, title, 3, samples.Id());
        batch.AddKeyed(4, new Dictionary<Guid, long> { [title] = 4, [other] = 5 }, samples.Id());

        Assert.Equal(14, batch.Views);
    }

    [Fact]
    public void Many_titles_share_a_receipt()
    {
        var receipt = samples.Id();
        Assert.Equal(4, batch.AddKeyed(4, new Dictionary<Guid, long> { [title] = 2, [other] = 3 }, receipt));
        Assert.Equal(4, batch.AddKeyed(4, new Dictionary<Guid, long> { [other] = 3, [title] = 2 }, receipt));
        Assert.Null(batch.AddKeyed(4, new Dictionary<Guid, long> { [title] = 2, [other] = 4 }, receipt));

        Assert.Equal([receipt, receipt], batch.ToEntries().Receipts);
        Assert.Equal((2, 3), (Live(title), Live(other)));
    }

    [Fact]
    public void A_refused_batch_leaves_the_live_totals_and_frees_its_keys()
    {
        var receipt = samples.Id();
        batch.Add(title, 5);
        batch.AddKeyed(4, title, 1, receipt);
        batch.AddKeyed(4, other, 2, samples.Id());

        batch.Revert(4);

        Assert.Equal((0, 0), (Live(title), Live(other)));
        Assert.Equal(5, new BatchBuilder(receipts, counters).AddKeyed(5, title, 9, receipt));
    }

    [Fact]
    public void A_refused_batch_keeps_keys_that_another_batch_holds()
    {
        var receipt = samples.Id();
        batch.AddKeyed(4, title, 1, receipt);
        batch.Revert(4);
        new BatchBuilder(receipts, counters).AddKeyed(5, title, 1, receipt);

        receipts.Forget(receipt, 4);

        Assert.True(receipts.TryGet(receipt, out var holder, out var count));
        Assert.Equal((5, 1), (holder, count));
    }

    [Fact]
    public void The_memory_of_receipts_forgets_the_oldest_first()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => samples.Id()).ToArray();
        for (var i = 0; i < ids.Length; i++)
            receipts.Add(ids[i], i + 1, 1);

        Assert.Equal([false, false, true, true, true], ids.Select(id => receipts.TryGet(id, out _, out _)));
    }

    [Fact]
    public void A_memory_without_room_remembers_nothing()
    {
        var none = new ReceiptCache(0);
        var receipt = samples.Id();
        none.Add(receipt, 1, 1);
        Assert.False(none.TryGet(receipt, out _, out _));
    }

    private long Live(Guid contentId)
    {
        var counter = counters.Use(contentId);
        var live = counter.Live;
        counters.Release(counter);
        return live;
    }
}
