using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class TrendingGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Theory]
    [InlineData(TrendingWindow.Hour)]
    [InlineData(TrendingWindow.Day)]
    [InlineData(TrendingWindow.Week)]
    public async Task Applied_views_are_in_the_trends(TrendingWindow window)
    {
        // An hour, day and week that no other test has viewed in.
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(8));
        var (less, more) = (await silo.AddTitleAsync("Less"), await silo.AddTitleAsync("More"));
        await silo.Recorder.RecordAsync(less, 1, null);
        await silo.Recorder.RecordAsync(more, 2, null);
        await silo.UntilAppliedAsync(less, 1);
        await silo.UntilAppliedAsync(more, 2);

        var grain = silo.Grains.GetGrain<ITrendingGrain>((long)window);
        await silo.DeactivateAsync(grain);
        var list = await grain.GetTopAsync(10);

        Assert.Equal(silo.Stores.Now, list.ComputedAt);
        Assert.Equal([("More", 2), ("Less", 1)], list.Titles.Select(title => (title.Title, title.Views)));
        Assert.Equal("More", Assert.Single((await grain.GetTopAsync(1)).Titles).Title);
    }
}
