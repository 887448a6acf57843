using Streaming.Ledger;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public abstract class TrendingStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private const string Writer = "trends";

    private long batch;

    private ITrendingStore Store => Fixture.Trending;

    [Theory]
    [InlineData(TrendingWindow.Hour)]
    [InlineData(TrendingWindow.Day)]
    [InlineData(TrendingWindow.Week)]
    public async Task Nothing_trends_before_the_first_view(TrendingWindow window)
    {
        await AddTitleAsync();
        Assert.Empty(await Store.GetTopAsync(window, Fixture.Now, 10, Cancel));
    }

    [Theory]
    [InlineData(TrendingWindow.Hour)]
    [InlineData(TrendingWindow.Day)]
    [InlineData(TrendingWindow.Week)]
    public async Task Most_views_come_first_and_ties_follow_the_ids(TrendingWindow window)
    {
        var ids = Ascending(await AddTitlesAsync(6));
        await ViewAsync((ids[3], 5), (ids[1], 9), (ids[0], 5), (ids[5], 1), (ids[4], 5));

        var top = await Store.GetTopAsync(window, Fixture.Now, 10, Cancel);

        Assert.Equal([(ids[1], 9), (ids[0], 5), (ids[3], 5), (ids[4], 5), (ids[5], 1)], top.Select(title => (title.ContentId, title.Views)));
    }

    [Theory]
    [InlineData(TrendingWindow.Hour)]
    [InlineData(TrendingWindow.Day)]
    [InlineData(TrendingWindow.Week)]
    public async Task A_limit_cuts_ties_by_id(TrendingWindow window)
    {
        var ids = Ascending(await AddTitlesAsync(5));
        await ViewAsync([.. ids.Select(id => (id, 2L))]);
        Assert.Equal(ids[..3], (await Store.GetTopAsync(window, Fixture.Now, 3, Cancel)).Select(title => title.ContentId));
    }

    [Fact]
    public async Task A_trending_title_shows_its_name_type_and_picture()
    {
        var id = Samples.Id();
        var title = Samples.Title(id, "Shown");
        await Fixture.AddTitleAsync(title with { Row = title.Row with { ContentType = "series", ThumbnailUrl = "https://images.example.com/x.jpg" } });
        await ViewAsync((id, 3));

        Assert.Equal(
            [new TrendingTitle(id, 3, "Shown", "series", "https://images.example.com/x.jpg")],
            await Store.GetTopAsync(TrendingWindow.Day, Fixture.Now, 10, Cancel));
    }

    [Fact]
    public async Task Views_add_up_over_batches_of_one_hour()
    {
        var id = await AddTitleAsync();
        await ViewAsync((id, 3));
        await ViewAsync((id, 4));
        Assert.Equal(7, Assert.Single(await Store.GetTopAsync(TrendingWindow.Hour, Fixture.Now, 10, Cancel)).Views);
    }

    [Fact]
    public async Task The_next_hour_begins_with_nothing_and_the_day_goes_on()
    {
        var (early, late) = (await AddTitleAsync(), await AddTitleAsync());
        await ViewAsync((early, 3));
        await Fixture.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Empty(await Store.GetTopAsync(TrendingWindow.Hour, Fixture.Now, 10, Cancel));

        await ViewAsync((late, 1));

        Assert.Equal(late, Assert.Single(await Store.GetTopAsync(TrendingWindow.Hour, Fixture.Now, 10, Cancel)).ContentId);
        Assert.Equal([early, late], (await Store.GetTopAsync(TrendingWindow.Week, Fixture.Now, 10, Cancel)).Select(title => title.ContentId));
    }

    [Fact]
    public async Task A_week_is_today_and_the_six_days_before()
    {
        var id = await AddTitleAsync();
        await ViewAsync((id, 100));
        for (var day = 0; day < 6; day++)
        {
            await Fixture.AdvanceAsync(TimeSpan.FromDays(1));
            await ViewAsync((id, 1));
        }

        Assert.Equal(106, Assert.Single(await Store.GetTopAsync(TrendingWindow.Week, Fixture.Now, 10, Cancel)).Views);
        Assert.Equal(1, Assert.Single(await Store.GetTopAsync(TrendingWindow.Day, Fixture.Now, 10, Cancel)).Views);

        await Fixture.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.Equal(6, Assert.Single(await Store.GetTopAsync(TrendingWindow.Week, Fixture.Now, 10, Cancel)).Views);
        Assert.Empty(await Store.GetTopAsync(TrendingWindow.Day, Fixture.Now, 10, Cancel));
    }

    [Fact]
    public async Task Many_callers_read_while_views_are_applied()
    {
        var ids = await AddTitlesAsync(5);
        var reading = Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            () => Store.GetTopAsync(TrendingWindow.Day, Fixture.Now, 10, Cancel), Cancel)));
        for (var i = 0; i < 5; i++)
            await ViewAsync([.. ids.Select(id => (id, 1L))]);

        // Whatever moment a reader meets, it is one between two applies.
        Assert.All(await reading, top => Assert.True(top.Count is 0 or 5 && top.Select(title => title.Views).Distinct().Count() <= 1));
    }

    private async Task ViewAsync(params (Guid Id, long Count)[] views)
    {
        if (batch == 0)
            await Fixture.Journal.OpenWriterAsync(Writer, Cancel);

        Fixture.Journal.Append(Writer, ++batch, new JournalEntries([.. views.Select(v => v.Id)], [.. views.Select(v => v.Count)], []));
        await Fixture.Journal.ApplyAsync(Writer, Cancel);
    }
}

public sealed class SqliteTrendingStoreTests() : TrendingStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class CitusTrendingStoreTests() : TrendingStoreContract(new ServersFixture());
