using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Streaming.Content;

namespace Streaming.Tests.Content;

public sealed class DetailsCacheTests : IDisposable
{
    private const int EntryBytes = 100 * 1024;

    private readonly DetailsCache cache = new(Options.Create(new ContentOptions { MaxDetailsMegabytes = 1 }));

    public void Dispose() => cache.Dispose();

    [Fact]
    public void When_all_are_asked_for_all_the_time_the_room_stays_bounded()
    {
        for (var i = 0; i < 300; i++)
        {
            Keep(i);
            Assert.InRange(Enumerable.Range(0, i + 1).Count(key => cache.TryGetValue(key, out _)), 0, 10);
        }
    }

    [Fact]
    public async Task Those_that_were_not_asked_for_lately_go_when_the_room_is_used_up()
    {
        var gone = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 10; i++)
            Keep(i, gone);

        Assert.True(cache.TryGetValue(0, out _));
        Keep(10);
        Assert.Equal(1, await gone.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        Keep(10);
        Assert.True(cache.TryGetValue(10, out _));
        Assert.True(cache.TryGetValue(0, out _));
    }

    [Fact]
    public void Details_that_are_larger_than_all_the_room_push_no_others_out()
    {
        Keep(0);
        cache.Set(1, 1, new MemoryCacheEntryOptions { Size = 20 * EntryBytes });
        Assert.True(cache.TryGetValue(0, out _));
        Assert.False(cache.TryGetValue(1, out _));
    }

    private void Keep(int key, TaskCompletionSource<object>? gone = null)
    {
        var options = new MemoryCacheEntryOptions { Size = EntryBytes };
        if (gone is not null)
            options.RegisterPostEvictionCallback((evicted, _, _, _) => gone.TrySetResult(evicted));

        cache.Set(key, key, options);
    }
}
