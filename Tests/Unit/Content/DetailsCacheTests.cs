using Microsoft.Extensions.Options;
using Streaming.Content;
using Streaming.Reviews;

namespace Streaming.Tests.Content;

public sealed class DetailsCacheTests
{
    private const int Kilobytes = 100;

    private readonly DetailsCache memory = new(Options.Create(new ContentOptions { MaxDetailsMegabytes = 1 }));

    [Fact]
    public void The_oldest_go_when_the_room_is_used_up()
    {
        var kept = Enumerable.Range(0, 15).Select(_ => memory.Keep(Details())).ToArray();
        Assert.All(kept[..5], details => Assert.Null(details.Take()));
        Assert.All(kept[5..], details => Assert.NotNull(details.Take()));
    }

    [Fact]
    public void What_was_asked_for_lately_stays_longer()
    {
        var kept = Enumerable.Range(0, 10).Select(_ => memory.Keep(Details())).ToArray();
        kept[0].Take();
        kept[3].Take();
        foreach (var _ in Enumerable.Range(0, 6))
            memory.Keep(Details());

        Assert.Equal([0, 3, 8, 9], Enumerable.Range(0, 10).Where(i => kept[i].Take() is not null));
    }

    [Fact]
    public void When_all_are_asked_for_all_the_time_the_room_stays_bounded()
    {
        var kept = new List<CachedDetails>();
        for (var i = 0; i < 300; i++)
        {
            kept.Add(memory.Keep(Details()));
            kept.ForEach(details => details.Take());
        }

        Assert.InRange(kept.Count(details => details.Take() is not null), 1, 10);
    }

    [Fact]
    public void Details_that_are_larger_than_all_the_room_are_kept_alone()
    {
        var first = memory.Keep(Details());
        var large = memory.Keep(Details(20));
        Assert.Null(first.Take());
        Assert.NotNull(large.Take());
    }

    private static DetailsRendering Details(int times = 1) => DetailsRendering.Render(
        "{\"genres\":[]}"u8.ToArray(), new RenderedReviews(new byte[Kilobytes * times * 1024], "null"u8.ToArray(), 0), DateTimeOffset.UnixEpoch);
}
