using Streaming.Storage.Embedded;
using Streaming.Storage.Servers;
using Streaming.Tests.Storage;
using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Tests.Viewing;

/// <summary>Time watched, from the batches of the activity ledger to the trends.</summary>
public abstract class WatchTimeStoreContract(StoreFixture fixture) : ActivityContract(fixture)
{
    [Fact]
    public async Task Time_watched_in_views_is_in_the_days_whole_minutes()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(3));
        var view = View(user, titles[0], watched: 119);
        Write(Writer, 1, [view, View(user, titles[1], watched: 59), Session(user, titles[2], watched: 600, position: 600)]);
        Assert.Equal(1, await PublishAsync());
        Assert.Equal([1, null, null], await MinutesAsync(titles));

        // Another session, in another batch of another silo.
        Write("silo-2", 1, [View(await AddUserAsync("another"), titles[0], watched: 1), View(user, titles[1], watched: 300)]);
        Assert.Equal(2, await PublishAsync());
        Assert.Equal([2, 5, null], await MinutesAsync(titles));
        Assert.Equal(0, await PublishAsync());
    }

    [Fact]
    public async Task What_a_session_has_watched_counts_once_however_often_it_is_written()
    {
        var title = await AddTitleAsync();
        var view = View(await AddUserAsync(), title, watched: 60);
        Write(Writer, 1, [view with { QualifiedAt = null }]);
        Write(Writer, 1, [view]);
        Write(Writer, 2, [view, view]);
        Write(Writer, 3, [view]);
        // Two activations that both had it at 60.
        Write("silo-2", 1, [view with { DurationWatchedSeconds = 180 }]);
        Write(Writer, 4, [view with { DurationWatchedSeconds = 170 }]);
        await PublishAsync();
        Assert.Equal([3], await MinutesAsync(title));
    }

    [Fact]
    public async Task What_an_earlier_period_watched_without_becoming_a_view_does_not_count()
    {
        var title = await AddTitleAsync();
        var view = View(await AddUserAsync(), title, watched: 240);
        Write(Writer, 1, [view with { Period = view.Period with { WatchedBeforeSeconds = 120 } }]);
        await PublishAsync();
        Assert.Equal([2], await MinutesAsync(title));
    }

    [Fact]
    public async Task A_day_is_the_servers_and_its_total_is_told_once()
    {
        var title = await AddTitleAsync();
        var view = View(await AddUserAsync(), title, watched: 60);
        var day = new DateTimeOffset(2026, 3, 14, 23, 59, 59, 999, TimeSpan.Zero);
        Write(Writer, 1, [view with { Period = view.Period with { LastHeartbeatAt = day }, WatchedAt = day.AddHours(-5) }]);
        Write(Writer, 2, [view with { Period = view.Period with { LastHeartbeatAt = day.AddMilliseconds(1) }, DurationWatchedSeconds = 240 }]);
        await PublishAsync();
        Assert.Equal([1], await MinutesAsync(DateOnly.FromDateTime(day.Date), title));
        Assert.Equal([3], await MinutesAsync(DateOnly.FromDateTime(day.Date).AddDays(1), title));
    }

    [Fact]
    public async Task What_another_source_has_told_of_a_day_stays_and_a_publisher_that_died_half_way_does_no_harm()
    {
        var title = await AddTitleAsync();
        await SetMinutesAsync(title, 1_000);
        var view = View(await AddUserAsync(), title, watched: 120);
        Write(Writer, 1, [view]);
        await PublishAsync();
        Assert.Equal([1_002], await MinutesAsync(title));

        // The trends have it; that they do is not known.
        await ForgetThatItWasPublishedAsync();
        Assert.Equal(1, await PublishAsync());
        Assert.Equal([1_002], await MinutesAsync(title));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            Write($"silo-{i + 10}", 1, [view with { DurationWatchedSeconds = 120 + (60 * i) }]);
            await PublishAsync();
        }));
        await PublishAsync();
        Assert.Equal([1_005], await MinutesAsync(title));
    }

    [Fact]
    public async Task Published_days_are_forgotten_and_others_not()
    {
        var (user, titles) = (await AddUserAsync(), await AddTitlesAsync(2));
        var (old, today) = (Fixture.Now.AddDays(-10), DateOnly.FromDateTime(Fixture.Now.UtcDateTime));
        Write(Writer, 1, [.. titles.Select(title => View(user, title, watched: 60)).Select(view => view with { Period = view.Period with { LastHeartbeatAt = old } })]);
        Assert.Equal(0, await Fixture.WatchTime.ForgetAsync(today, 100, Cancel));
        Assert.Equal(2, await PublishAsync());
        Write(Writer, 2, [View(user, await AddTitleAsync(), watched: 60)]);
        await PublishAsync();
        Assert.Equal(1, await Fixture.WatchTime.ForgetAsync(today, 1, Cancel));
        Assert.Equal(1, await Fixture.WatchTime.ForgetAsync(today, 100, Cancel));
        Assert.Equal([1, 1], await MinutesAsync(DateOnly.FromDateTime(old.UtcDateTime), titles));
    }

    [Fact]
    public async Task A_title_that_was_watched_and_not_viewed_in_a_day_is_no_trend_of_it()
    {
        Write(Writer, 1, [View(await AddUserAsync(), await AddTitleAsync(), watched: 60)]);
        Assert.Equal(1, await PublishAsync());
        Assert.Empty(await Fixture.Trending.GetTopAsync(TrendingWindow.Day, Fixture.Now, 10, Cancel));
        Assert.Empty(await Fixture.Trending.GetTopAsync(TrendingWindow.Week, Fixture.Now, 10, Cancel));
    }

    protected abstract Task<long?> ReadMinutesAsync(DateOnly day, Guid title);

    protected abstract Task ForgetThatItWasPublishedAsync();

    protected abstract Task SetMinutesAsync(Guid title, long minutes);

    protected DateOnly Today => DateOnly.FromDateTime(Fixture.Now.UtcDateTime);

    private Task<int> PublishAsync() => Fixture.WatchTime.PublishAsync(100, Cancel);

    private SessionProgress View(Guid user, Guid title, int watched) => Session(user, title, watched, position: watched) with { QualifiedAt = Fixture.Now };

    private Task<long?[]> MinutesAsync(params Guid[] titles) => MinutesAsync(Today, titles);

    private Task<long?[]> MinutesAsync(DateOnly day, params Guid[] titles) => Task.WhenAll(titles.Select(title => ReadMinutesAsync(day, title)));
}

public sealed class SqliteWatchTimeStoreTests : WatchTimeStoreContract
{
    private readonly EmbeddedDatabase database;

    public SqliteWatchTimeStoreTests()
        : this(new EmbeddedFixture())
    {
    }

    private SqliteWatchTimeStoreTests(EmbeddedFixture fixture)
        : base(fixture) => database = fixture.Database;

    protected override Task<long?> ReadMinutesAsync(DateOnly day, Guid title) => database.Metadata.ReadAsync(
        c => c.Scalar("SELECT watch_time_minutes FROM trending_daily WHERE date = $date AND content_id = $id", ("$date", Text(day)), ("$id", title.ToBlob())), Cancel);

    protected override Task ForgetThatItWasPublishedAsync() =>
        database.Analytics.WriteAsync(c => c.Execute("UPDATE daily_watch_time SET published_minutes = 0"), Cancel);

    protected override Task SetMinutesAsync(Guid title, long minutes) => database.Metadata.WriteAsync(
        c => c.Execute(
            "INSERT INTO trending_daily (date, content_id, watch_time_minutes) VALUES ($date, $id, $minutes)",
            ("$date", Text(Today)), ("$id", title.ToBlob()), ("$minutes", minutes)),
        Cancel);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}

[Collection(ServersTests.Name)]
public sealed class PostgresWatchTimeStoreTests() : WatchTimeStoreContract(new ServersFixture())
{
    protected override async Task<long?> ReadMinutesAsync(DateOnly day, Guid title)
    {
        var rows = await ServersFixture.Connections.Metadata
            .Command("SELECT watch_time_minutes FROM trending_daily WHERE date = $1 AND content_id = $2", Value(day), Value(title))
            .QueryAsync(r => r.GetInt64(0), Cancel);
        return rows.Count == 0 ? null : rows[0];
    }

    protected override Task ForgetThatItWasPublishedAsync() =>
        ServersFixture.Connections.Analytics.Command("UPDATE daily_watch_time SET published_minutes = 0").ExecuteAsync(Cancel);

    protected override Task SetMinutesAsync(Guid title, long minutes) => ServersFixture.Connections.Metadata
        .Command("INSERT INTO trending_daily (date, content_id, watch_time_minutes) VALUES ($1, $2, $3)", Value(Today), Value(title), Value(minutes))
        .ExecuteAsync(Cancel);
}
