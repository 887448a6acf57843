using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ViewBatchGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task A_batch_counts_for_all_its_titles()
    {
        var (first, second) = (await silo.AddTitleAsync(), await silo.AddTitleAsync());
        var result = await silo.Batches.RecordAsync(new ViewBatchRequest([first, second, first], [1, 2, 3], null, null));

        AssertCommitted(result);
        Assert.Equal((4, 2), (await silo.LiveAsync(first), await silo.LiveAsync(second)));
        await silo.UntilAppliedAsync(first, 4);
    }

    [Fact]
    public async Task Entries_of_unknown_titles_are_told_and_the_rest_counts()
    {
        var title = await silo.AddTitleAsync();
        var result = await silo.Batches.RecordAsync(new ViewBatchRequest(
            [silo.Samples.Id(), title, silo.Samples.Id(), title], [1, 2, 4, 8], null, null));

        Assert.Equal((false, Outcome.Committed), (result.Busy, result.Outcome));
        Assert.Equal([0, 2], result.UnknownTitles);
        Assert.Empty(result.KeyConflicts);
        Assert.Equal(10, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task A_batch_of_nothing_but_unknown_titles_records_nothing()
    {
        var result = await silo.Batches.RecordAsync(new ViewBatchRequest([silo.Samples.Id()], [1], null, silo.Samples.Id()));
        Assert.Equal([0], result.UnknownTitles);
        Assert.Equal((false, Outcome.Committed), (result.Busy, result.Outcome));
    }

    [Fact]
    public async Task A_title_added_later_is_known_to_the_next_batch()
    {
        var id = silo.Samples.Id();
        var request = new ViewBatchRequest([id], [1], null, null);
        Assert.Equal([0], (await silo.Batches.RecordAsync(request)).UnknownTitles);
        await silo.Stores.AddTitleAsync(Samples.Title(id, "late"));
        AssertCommitted(await silo.Batches.RecordAsync(request));
        await silo.UntilAppliedAsync(id, 1);
    }

    [Fact]
    public async Task Entries_with_keys_of_their_own_count_once_and_conflicts_are_told_by_index()
    {
        var title = await silo.AddTitleAsync();
        var (used, fresh) = (silo.Samples.Id(), silo.Samples.Id());
        Assert.Equal(Outcome.Committed, (await silo.Recorder.RecordAsync(title, 3, used)).Outcome);

        var result = await silo.Batches.RecordAsync(new ViewBatchRequest(
            [silo.Samples.Id(), title, title, title, title, title],
            [1, 100, 3, 10, 10, 4],
            [Guid.Empty, Guid.Empty, used, fresh, fresh, used],
            null));

        Assert.Equal([0], result.UnknownTitles);
        Assert.Equal([5], result.KeyConflicts);
        Assert.Equal((false, Outcome.Committed), (result.Busy, result.Outcome));
        await silo.UntilAppliedAsync(title, 113);
        Assert.Equal(113, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task A_batch_with_a_key_counts_once_however_often_it_is_sent()
    {
        var (first, second) = (await silo.AddTitleAsync(), await silo.AddTitleAsync());
        var request = new ViewBatchRequest([first, second, first, silo.Samples.Id()], [1, 2, 3, 9], null, silo.Samples.Id());

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => silo.Batches.RecordAsync(request)));

        Assert.All(results, result =>
        {
            Assert.Equal((false, Outcome.Committed), (result.Busy, result.Outcome));
            Assert.Equal([3], result.UnknownTitles);
            Assert.Empty(result.KeyConflicts);
        });
        await silo.UntilAppliedAsync(first, 4);
        await silo.UntilAppliedAsync(second, 2);
        Assert.Equal((4, 2), (await silo.LiveAsync(first), await silo.LiveAsync(second)));
    }

    [Fact]
    public async Task A_batch_whose_key_was_used_with_another_count_is_a_conflict()
    {
        var title = await silo.AddTitleAsync();
        var receipt = silo.Samples.Id();
        AssertCommitted(await silo.Batches.RecordAsync(new ViewBatchRequest([title], [1], null, receipt)));

        var result = await silo.Batches.RecordAsync(new ViewBatchRequest([title], [2], null, receipt));

        Assert.True(result.KeyConflict);
        Assert.Equal(1, await silo.LiveAsync(title));
    }

    [Fact]
    public async Task The_largest_batch_is_taken()
    {
        var title = await silo.AddTitleAsync();
        var ids = Enumerable.Repeat(title, ViewLimits.MaxBatchEntries).ToArray();
        var receipts = ids.Select(_ => silo.Samples.Id()).ToArray();
        AssertCommitted(await silo.Batches.RecordAsync(
            new ViewBatchRequest(ids, [.. Enumerable.Repeat(ViewLimits.MaxCount, ids.Length)], receipts, null)));
        await silo.UntilAppliedAsync(title, (long)ViewLimits.MaxCount * ids.Length);
    }

    private static void AssertCommitted(ViewBatchResult result)
    {
        Assert.Equal((false, Outcome.Committed), (result.Busy, result.Outcome));
        Assert.Empty(result.UnknownTitles);
        Assert.Empty(result.KeyConflicts);
    }
}
