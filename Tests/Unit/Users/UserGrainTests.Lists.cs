using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed partial class UserGrainTests
{
    [Fact]
    public async Task History_is_paged_newest_first()
    {
        var grain = Grain(await silo.AddUserAsync());
        for (var i = 0; i < 13; i++)
        {
            await silo.Stores.AdvanceAsync(TimeSpan.FromMinutes(1));
            await grain.RecordProgressAsync(Report(await silo.AddTitleAsync($"{i}"), 100));
        }

        var first = await grain.GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken);
        var second = await grain.GetHistoryAsync(10, first.Next, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            Enumerable.Range(0, 13).Reverse().Select(i => $"{i}"), first.Titles.Concat(second.Titles).Select(row => row.Title));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Titles_begun_and_not_finished_are_to_be_continued()
    {
        var grain = Grain(await silo.AddUserAsync());
        var (begun, finished) = (await silo.AddTitleAsync(), await silo.AddTitleAsync());
        await grain.RecordProgressAsync(Report(begun, 100));
        await grain.RecordProgressAsync(Report(finished, 100));
        await grain.RecordProgressAsync(Report(finished, 990));
        Assert.Equal([begun], (await grain.GetContinueWatchingAsync(10, TestContext.Current.CancellationToken)).Select(row => row.ContentId));
    }

    [Fact]
    public async Task People_are_listed_page_by_page()
    {
        var added = new[] { await silo.AddUserAsync(), await silo.AddUserAsync(), await silo.AddUserAsync() };
        var directory = silo.Grains.GetGrain<IUserDirectoryGrain>(0);
        var listed = new List<Guid>();
        Guid? after = null;
        while (await directory.ListIdsAsync(after, 2, TestContext.Current.CancellationToken) is { Length: > 0 } page)
        {
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Distinct(listed);
        Assert.Superset(added.ToHashSet(), listed.ToHashSet());
    }
}
