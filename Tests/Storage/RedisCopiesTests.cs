using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using Streaming.Storage.Servers;
using Streaming.Viewing.Ledger;

namespace Streaming.Tests.Storage;

/// <summary>What readers outside the cluster find in Redis.</summary>
[Collection(ServersTests.Name)]
public sealed class RedisCopiesTests() : StoreContract(new ServersFixture()), IAsyncLifetime
{
    private const string Writer = "silo-1";

    // By the system's clock: Redis lets the day's set expire by its own.
    private readonly RedisCopies copies = new(ServersFixture.Connections, TimeProvider.System, NullLogger<RedisCopies>.Instance);

    private CitusViewJournal Journal => new(ServersFixture.Connections, copies);

    private static DateTimeOffset EndOfDay => new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(1);

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await Journal.OpenWriterAsync(Writer, Cancel);
        await copies.StartAsync(Cancel);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await copies.StopAsync(Cancel);
        copies.Dispose();
        await DisposeAsync();
    }

    [Fact]
    public async Task Totals_and_the_days_trends_follow_an_apply()
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        await ViewAsync(1, (title, 3), (other, 10));
        await ViewAsync(2, (title, 4));

        await UntilAsync(title, 7);
        await UntilAsync(other, 10);
        var top = await (await DatabaseAsync()).SortedSetRangeByRankWithScoresAsync("trending:daily", order: Order.Descending);
        Assert.Equal([(other.ToString(), 10), (title.ToString(), 7)], top.Select(entry => ((string)entry.Element!, entry.Score)));
        Assert.Equal(EndOfDay.UtcDateTime, await (await DatabaseAsync()).KeyExpireTimeAsync("trending:daily"));
    }

    [Fact]
    public async Task A_copy_is_never_lowered()
    {
        var title = await AddTitleAsync();
        var database = await DatabaseAsync();
        await database.StringSetAsync($"content:views:{title}", 100);
        await database.SortedSetAddAsync("trending:daily", title.ToString(), 50);
        await database.KeyExpireAsync("trending:daily", EndOfDay.UtcDateTime);

        await ViewAsync(1, (title, 3));
        var marker = await AddTitleAsync();
        await ViewAsync(2, (marker, 1));
        await UntilAsync(marker, 1);

        Assert.Equal(100, (long)await database.StringGetAsync($"content:views:{title}"));
        Assert.Equal(50, await database.SortedSetScoreAsync("trending:daily", title.ToString()));
    }

    [Fact]
    public async Task Views_of_a_day_that_has_ended_stay_out_of_todays_trends()
    {
        var (late, today) = (await AddTitleAsync(), await AddTitleAsync());
        Journal.Append(Writer, 1, new JournalEntries([late], [3], []));
        await using (var command = ServersFixture.Connections.Metadata.CreateCommand("UPDATE view_journal SET accepted_at = accepted_at - interval '1 day'"))
            await command.ExecuteNonQueryAsync(Cancel);

        await Journal.ApplyAsync(Writer, Cancel);
        await ViewAsync(2, (today, 1));
        await UntilAsync(today, 1);
        await UntilAsync(late, 3);

        var database = await DatabaseAsync();
        Assert.Null(await database.SortedSetScoreAsync("trending:daily", late.ToString()));
        Assert.Equal(1, await database.SortedSetScoreAsync("trending:daily", today.ToString()));
    }

    [Fact]
    public async Task A_set_left_from_the_day_before_is_begun_anew()
    {
        var title = await AddTitleAsync();
        var database = await DatabaseAsync();
        await database.SortedSetAddAsync("trending:daily", "yesterday", 1_000);
        await database.KeyExpireAsync("trending:daily", TimeSpan.FromSeconds(30));

        await ViewAsync(1, (title, 2));
        await UntilAsync(title, 2);

        Assert.Equal([title.ToString()], (await database.SortedSetRangeByRankAsync("trending:daily")).Select(member => (string)member!));
    }

    [Fact]
    public async Task What_redis_has_lost_is_rebuilt_from_the_totals()
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        await ViewAsync(1, (title, 3), (other, 10));
        await UntilAsync(title, 3);

        await ServersFixture.EmptyRedisAsync();

        await UntilAsync(title, 3);
        await UntilAsync(other, 10);
        Assert.Equal(10, await (await DatabaseAsync()).SortedSetScoreAsync("trending:daily", other.ToString()));
    }

    [Fact]
    public async Task A_title_that_is_read_has_its_metadata_there_for_an_hour()
    {
        var title = await AddTitleAsync("A copied title");
        var database = await DatabaseAsync();
        await Poll.UntilAsync(async () =>
        {
            Assert.NotNull(await Fixture.Content.GetAsync(title, Cancel));
            return await database.KeyExistsAsync($"content:metadata:{title}") ? null : "there is no copy";
        });
        var copy = JsonElement.Parse((string)(await database.StringGetAsync($"content:metadata:{title}"))!);
        Assert.Equal("A copied title", copy.GetProperty("title").GetString());
        Assert.InRange((await database.KeyTimeToLiveAsync($"content:metadata:{title}"))!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
    }

    private async Task ViewAsync(long batch, params (Guid Title, long Count)[] views)
    {
        Journal.Append(Writer, batch, new JournalEntries([.. views.Select(view => view.Title)], [.. views.Select(view => view.Count)], []));
        await Journal.ApplyAsync(Writer, Cancel);
    }

    private static async Task UntilAsync(Guid title, long views)
    {
        var database = await DatabaseAsync();
        await Poll.UntilAsync(async () => await database.StringGetAsync($"content:views:{title}") is var value && value == views ? null : $"Redis has {value}");
    }

    private static async Task<IDatabase> DatabaseAsync() => (await ServersFixture.Connections.GetRedisAsync()).GetDatabase();
}
