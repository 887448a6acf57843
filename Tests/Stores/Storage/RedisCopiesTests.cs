using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StackExchange.Redis;
using Streaming.Ledger;
using Streaming.Storage.Servers;

namespace Streaming.Tests.Storage;

/// <summary>What readers outside the cluster find in Redis.</summary>
[Collection(ServersTests.Name)]
public sealed class RedisCopiesTests : StoreContract, IAsyncLifetime
{
    private const string Writer = "silo-1";

    private const string Complete = "streaming:copies:complete";
    private const string Claim = "streaming:copies:rebuilding";

    private readonly SkippingTime time = new();
    private readonly RedisCopies copies;

    public RedisCopiesTests()
        : base(new ServersFixture()) => copies = Copies(ServersFixture.Connections);

    private CitusViewJournal Journal => new(ServersFixture.Connections, copies);

    private static DateTimeOffset EndOfDay => new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddDays(1);

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await Journal.OpenWriterAsync(Writer, Cancel);
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        copies.Dispose();
        await DisposeAsync();
    }

    [Fact]
    public async Task Totals_and_the_days_trends_follow_an_apply()
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        await copies.StartAsync(Cancel);
        await ViewAsync(1, (title, 3), (other, 10));
        await ViewAsync(2, (title, 4));

        await Poll.UntilAsync(async () => (await TotalAsync(title), await TotalAsync(other), await TrendAsync(title)) is var found && found == (7, 10, 7)
            ? null
            : $"Redis has {found}");
        var top = await (await DatabaseAsync()).SortedSetRangeByRankWithScoresAsync("trending:daily", order: Order.Descending);
        Assert.Equal([(other.ToString(), 10), (title.ToString(), 7)], top.Select(entry => ((string)entry.Element!, entry.Score)));
        Assert.Equal(EndOfDay.UtcDateTime, await (await DatabaseAsync()).KeyExpireTimeAsync("trending:daily"));
        await copies.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_copy_is_never_lowered()
    {
        var title = await AddTitleAsync();
        var database = await DatabaseAsync();
        await database.StringSetAsync($"content:views:{title}", 100);
        await database.SortedSetAddAsync("trending:daily", title.ToString(), 50);
        await database.KeyExpireAsync("trending:daily", EndOfDay.UtcDateTime);
        var marker = await AddTitleAsync();
        await ViewAsync(1, (title, 3), (marker, 1));

        await copies.CopyAsync(Cancel);

        Assert.Equal((1, 1), (await TotalAsync(marker), await TrendAsync(marker)));
        Assert.Equal((100, 50), (await TotalAsync(title), await TrendAsync(title)));
    }

    [Fact]
    public async Task Views_of_a_day_that_has_ended_stay_out_of_todays_trends()
    {
        var (late, today) = (await AddTitleAsync(), await AddTitleAsync());
        Journal.Append(Writer, 1, new JournalEntries([late], [3], []));
        await ServerTables.RunAsync(ServersFixture.Connections.Metadata, ("UPDATE view_journal SET accepted_at = $1", [DateTimeOffset.UtcNow.AddDays(-1)]));

        await Journal.ApplyAsync(Writer, Cancel);
        await ViewAsync(2, (today, 1));
        await copies.CopyAsync(Cancel);

        Assert.Equal((3, null), (await TotalAsync(late), await TrendAsync(late)));
        Assert.Equal((1, 1), (await TotalAsync(today), await TrendAsync(today)));
    }

    [Fact]
    public async Task A_set_left_from_the_day_before_is_begun_anew()
    {
        var title = await AddTitleAsync();
        var database = await DatabaseAsync();
        await database.SortedSetAddAsync("trending:daily", "yesterday", 1_000);
        await database.KeyExpireAsync("trending:daily", TimeSpan.FromSeconds(30));

        await ViewAsync(1, (title, 2));
        await copies.CopyAsync(Cancel);

        Assert.Equal([title.ToString()], (await database.SortedSetRangeByRankAsync("trending:daily")).Select(member => (string)member!));
    }

    [Fact]
    public async Task What_redis_has_lost_is_rebuilt_from_the_totals()
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        await ViewAsync(1, (title, 3), (other, 10));
        await copies.CopyAsync(Cancel);
        await ServersFixture.EmptyRedisAsync();

        time.Skip(TimeSpan.FromSeconds(10));
        await copies.CopyAsync(Cancel);

        Assert.Equal((3, 3), (await TotalAsync(title), await TrendAsync(title)));
        Assert.Equal((10, 10), (await TotalAsync(other), await TrendAsync(other)));
    }

    [Fact]
    public async Task What_redis_loses_while_it_is_rebuilt_is_rebuilt_from_the_beginning()
    {
        var (title, other) = (await AddTitleAsync(), await AddTitleAsync());
        await ViewAsync(1, (title, 3), (other, 10));
        await using var connections = ConnectionsWaitingForLocks("60s");
        using var rebuilding = Copies(connections);

        Task rebuild;
        await using (await LockTotalsAsync(connections))
        {
            rebuild = rebuilding.CopyAsync(Cancel);
            await Poll.UntilAsync(async () => await TrendAsync(other) == 10 ? null : "the day's views are not there");
            await ServersFixture.EmptyRedisAsync();
        }

        await rebuild;
        Assert.Equal((3, 3), (await TotalAsync(title), await TrendAsync(title)));
        Assert.Equal((10, 10), (await TotalAsync(other), await TrendAsync(other)));
        Assert.True(await (await DatabaseAsync()).KeyExistsAsync(Complete));
    }

    [Fact]
    public async Task A_rebuild_that_fails_keeps_no_other_waiting()
    {
        var title = await AddTitleAsync();
        await ViewAsync(1, (title, 3));
        await using var connections = ConnectionsWaitingForLocks("50ms");
        using (var failing = Copies(connections))
        await using (await LockTotalsAsync(ServersFixture.Connections))
            await Assert.ThrowsAsync<PostgresException>(() => failing.CopyAsync(Cancel));

        using var next = Copies(ServersFixture.Connections);
        await next.CopyAsync(Cancel);

        Assert.Equal((3, 3), (await TotalAsync(title), await TrendAsync(title)));
    }

    [Fact]
    public async Task More_than_can_wait_is_rebuilt_though_another_silo_has_read_the_totals_already()
    {
        await copies.CopyAsync(Cancel);
        await (await DatabaseAsync()).StringSetAsync(Claim, "another silo");
        var titles = Enumerable.Range(0, 50_001).Select(_ => Samples.Id()).ToArray();

        await ViewAsync(1, [.. titles.Select(title => (title, 2L))]);
        time.Skip(TimeSpan.FromSeconds(10));
        await copies.CopyAsync(Cancel);

        Assert.Equal((2, 2), (await TotalAsync(titles[0]), await TotalAsync(titles[^1])));
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

    private RedisCopies Copies(ServerConnections connections) => new(connections, Loops.OfTests(time), time, NullLogger<RedisCopies>.Instance);

    private static ServerConnections ConnectionsWaitingForLocks(string time)
    {
        var options = TestServers.Connections;
        options.Metadata = new NpgsqlConnectionStringBuilder(options.Metadata) { CommandTimeout = 60, Options = $"-c lock_timeout={time}" }.ConnectionString;
        return new ServerConnections(options);
    }

    /// <summary>Nobody reads the totals until what is answered is disposed.</summary>
    private static async Task<IAsyncDisposable> LockTotalsAsync(ServerConnections connections)
    {
        var connection = await connections.Metadata.OpenConnectionAsync(Cancel);
        await connection.BeginTransactionAsync(Cancel);
        await using var command = new NpgsqlCommand("LOCK TABLE content_views IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(Cancel);
        return connection;
    }

    private static async Task<long?> TotalAsync(Guid title) => (long?)await (await DatabaseAsync()).StringGetAsync($"content:views:{title}");

    private static async Task<double?> TrendAsync(Guid title) => await (await DatabaseAsync()).SortedSetScoreAsync("trending:daily", title.ToString());

    private static async Task<IDatabase> DatabaseAsync() => (await ServersFixture.Connections.GetRedisAsync()).GetDatabase();

    /// <summary>The system's clock, since Redis lets the day's set expire by its own; what is measured can be made longer.</summary>
    private sealed class SkippingTime : TimeProvider
    {
        private long skipped;

        public override long GetTimestamp() => base.GetTimestamp() + skipped;

        public void Skip(TimeSpan time) => skipped += (long)(time.TotalSeconds * TimestampFrequency);
    }
}
