using System.Text.Json;
using Streaming.Content;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Content;

public sealed class ContentGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task An_unknown_title_is_nothing_and_takes_no_views()
    {
        var grain = silo.Content(silo.Samples.Id());
        Assert.Null(await grain.GetRowAsync());
        Assert.Null(await grain.GetDetailsAsync());
        Assert.False(await grain.ExistsAsync());
        Assert.Equal(RecordResult.UnknownTitle, await silo.Recorder.RecordAsync(grain.GetPrimaryKey(), 1, null));
        Assert.Equal(RecordResult.UnknownTitle, await silo.Recorder.RecordAsync(grain.GetPrimaryKey(), 1, silo.Samples.Id()));
    }

    [Fact]
    public async Task A_title_is_rendered_as_the_contract_says()
    {
        var id = await silo.AddTitleAsync("Ночь & Day");
        using var row = JsonDocument.Parse((await silo.Content(id).GetRowAsync())!.Row);

        Assert.True(await silo.Content(id).ExistsAsync());
        Assert.Equal(id, row.RootElement.GetProperty("content_id").GetGuid());
        Assert.Equal("Ночь & Day", row.RootElement.GetProperty("title").GetString());
        Assert.Equal("2025-05-06T07:08:09.123Z", row.RootElement.GetProperty("created_at").GetString());
        Assert.Equal(JsonValueKind.Null, row.RootElement.GetProperty("rating").ValueKind);

        var details = (await silo.Content(id).GetDetailsAsync())!;
        Assert.Equal(0, details.Views);
        Assert.Equal(row.RootElement.GetRawText(), System.Text.Encoding.UTF8.GetString(details.Row));
        using var whole = JsonDocument.Parse("{\"reviews\":" + System.Text.Encoding.UTF8.GetString([.. details.Reviews, .. details.Rest]));
        Assert.Equal("[]", whole.RootElement.GetProperty("reviews").GetRawText());
        Assert.Equal("[]", whole.RootElement.GetProperty("genres").GetRawText());
        Assert.Equal("[]", whole.RootElement.GetProperty("cast").GetRawText());
    }

    [Fact]
    public async Task A_recorded_view_is_in_the_live_total_at_once()
    {
        var id = await silo.AddTitleAsync();
        Assert.Equal(new RecordResult(Outcome.Committed, 3), await silo.Recorder.RecordAsync(id, 3, null));
        Assert.Equal(new RecordResult(Outcome.Committed, 7), await silo.Recorder.RecordAsync(id, 4, null));
        Assert.Equal(7, await silo.LiveAsync(id));
    }

    [Fact]
    public async Task A_repeated_key_counts_once_and_another_count_is_a_conflict()
    {
        var (id, receipt) = (await silo.AddTitleAsync(), silo.Samples.Id());
        Assert.Equal(new RecordResult(Outcome.Committed, 3), await silo.Recorder.RecordAsync(id, 3, receipt));
        Assert.Equal(new RecordResult(Outcome.Committed, 3), await silo.Recorder.RecordAsync(id, 3, receipt));
        Assert.Equal(RecordResult.KeyConflict, await silo.Recorder.RecordAsync(id, 4, receipt));
        Assert.Equal(3, await silo.LiveAsync(id));

        await silo.UntilAppliedAsync(id, 3);
        Assert.Equal(new RecordResult(Outcome.Committed, 3), await silo.Recorder.RecordAsync(id, 3, receipt));
        Assert.Equal(3, await silo.LiveAsync(id));
    }

    [Fact]
    public async Task Concurrent_calls_of_one_key_count_once()
    {
        var (id, receipt) = (await silo.AddTitleAsync(), silo.Samples.Id());
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => silo.Recorder.RecordAsync(id, 2, receipt).AsTask()));
        Assert.All(results, result => Assert.Equal(new RecordResult(Outcome.Committed, 2), result));
        await silo.UntilAppliedAsync(id, 2);
    }

    [Fact]
    public async Task The_total_is_exact_after_the_apply_and_in_the_next_activation()
    {
        var ids = new[] { await silo.AddTitleAsync(), await silo.AddTitleAsync(), await silo.AddTitleAsync() };
        var views = Enumerable.Range(0, 600).Select(i => (
            Id: ids[i % 3],
            Count: silo.Samples.Number(1, 50),
            Receipt: i % 5 == 0 ? silo.Samples.Id() : (Guid?)null)).ToArray();

        var results = await Task.WhenAll(views.Select(view => Task.Run(
            () => silo.Recorder.RecordAsync(view.Id, view.Count, view.Receipt).AsTask(), TestContext.Current.CancellationToken)));

        Assert.All(results, result => Assert.Equal(Outcome.Committed, result.Outcome));
        foreach (var id in ids)
        {
            var total = views.Where(view => view.Id == id).Sum(view => (long)view.Count);
            Assert.Equal(total, await silo.LiveAsync(id));
            await silo.UntilAppliedAsync(id, total);
            Assert.Equal(total, await silo.LiveAsync(id));
            await silo.DeactivateAsync(silo.Content(id));
            Assert.Equal(total, await silo.LiveAsync(id));
        }
    }

    [Fact]
    public async Task Views_that_are_not_applied_yet_are_in_the_next_activation()
    {
        await using var slow = await SiloFixture.StartAsync(settings: ("Ledger:ApplyIntervalMilliseconds", "60000"));
        var id = await slow.AddTitleAsync();
        await slow.Recorder.RecordAsync(id, 5, null);
        await slow.DeactivateAsync(slow.Content(id));

        Assert.Equal(5, await slow.LiveAsync(id));
        Assert.Equal(0, await slow.Stores.Journal.GetTotalAsync(id, TestContext.Current.CancellationToken));
        Assert.Equal(new RecordResult(Outcome.Committed, 6), await slow.Recorder.RecordAsync(id, 1, null));
    }

    [Fact]
    public async Task Ids_are_listed_page_by_page()
    {
        var added = new[] { await silo.AddTitleAsync(), await silo.AddTitleAsync(), await silo.AddTitleAsync() };
        var catalogue = silo.Grains.GetGrain<ICatalogueGrain>(0);
        var listed = new List<Guid>();
        Guid? after = null;
        while (await catalogue.ListIdsAsync(after, 2, TestContext.Current.CancellationToken) is { Length: > 0 } page)
        {
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Distinct(listed);
        Assert.Superset(added.ToHashSet(), listed.ToHashSet());
    }
}
