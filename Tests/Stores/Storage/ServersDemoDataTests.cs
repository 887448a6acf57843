using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Streaming.Reviews;
using Streaming.Storage;
using Streaming.Storage.Embedded;
using Streaming.Storage.Servers;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

[Collection(ServersTests.Name)]
public sealed class ServersDemoDataTests : IAsyncLifetime
{
    private const int Titles = 60;

    private readonly ServersFixture fixture = new();
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await fixture.OpenAsync();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task A_start_fills_all_stores_with_what_the_embedded_family_has()
    {
        await StartAsync();

        Assert.Equal(Filled, await CountAsync());
        await using var embedded = new EmbeddedFixture();
        await embedded.OpenAsync();
        new SqliteDemoData(embedded.Database, Titles, clock).FillIfEmpty(TextWriter.Null, Cancel);
        var ids = await fixture.Content.ListIdsAsync(null, 1_000, Cancel);
        Assert.Equal(await embedded.Content.ListIdsAsync(null, 1_000, Cancel), ids);
        foreach (var id in ids)
        {
            Assert.Equal(Text(await embedded.Content.GetAsync(id, Cancel)), Text(await fixture.Content.GetAsync(id, Cancel)));
            Assert.Equal(await embedded.Reviews.GetTotalsAsync(id, Cancel), await fixture.Reviews.GetTotalsAsync(id, Cancel));
            Assert.Equal(Text(await ReviewsOf(embedded, id)), Text(await ReviewsOf(fixture, id)));
        }

        foreach (var window in new[] { TrendingWindow.Day, TrendingWindow.Week })
        {
            Assert.Equal(
                await embedded.Trending.GetTopAsync(window, clock.GetUtcNow(), 100, Cancel),
                await fixture.Trending.GetTopAsync(window, clock.GetUtcNow(), 100, Cancel));
        }

        var people = await fixture.Users.ListIdsAsync(null, 1_000, Cancel);
        Assert.Equal(await embedded.Users.ListIdsAsync(null, 1_000, Cancel), people);
        Assert.Equal(await embedded.Users.GetUsernamesAsync(people, Cancel), await fixture.Users.GetUsernamesAsync(people, Cancel));
    }

    [Fact]
    public async Task Reviews_and_history_are_of_people_who_exist()
    {
        await StartAsync();
        var taken = await TextAsync(ServersFixture.Connections.Analytics, "SELECT min(email) FROM users");
        await fixture.OpenAsync();
        // With this address already taken, one of the demo people cannot come.
        await using (var insert = ServersFixture.Connections.Analytics.CreateCommand("INSERT INTO users (user_id, username, email) VALUES (gen_random_uuid(), 'real', $1)"))
        {
            insert.Parameters.Add(new NpgsqlParameter { Value = taken });
            await insert.ExecuteNonQueryAsync(Cancel);
        }

        await StartAsync();

        var people = (await fixture.Users.ListIdsAsync(null, 1_000, Cancel)).ToHashSet();
        Assert.Equal(50, people.Count);
        foreach (var id in await fixture.Content.ListIdsAsync(null, 1_000, Cancel))
            Assert.All((await fixture.Reviews.GetPageAsync(id, ReviewSort.Newest, 50, null, Cancel)).Reviews, review => Assert.Contains(review.UserId, people));

        Assert.True((await CountAsync()).Reviews < Filled.Reviews);
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await StartAsync();
        var before = await CountAsync();
        clock.Advance(TimeSpan.FromDays(1));
        await StartAsync(("Seed:Titles", "200"));
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_catalogue_that_has_a_title_is_left_alone()
    {
        await fixture.AddTitleAsync(Samples.Title(Guid.NewGuid(), "Mine"));
        await StartAsync();
        Assert.Equal(new Counts(1, 0, 0, 0, 0, 0, 0, 0), await CountAsync());
    }

    [Fact]
    public async Task Silos_that_start_together_make_it_once()
    {
        await Task.WhenAll(StartAsync(), StartAsync(), StartAsync());
        Assert.Equal(Filled, await CountAsync());
    }

    [Fact]
    public async Task A_start_that_was_cut_short_is_repeated()
    {
        await using (var block = ServersFixture.Connections.Metadata.CreateCommand("INSERT INTO genres (genre_id, name) VALUES (15, 'In the way')"))
            await block.ExecuteNonQueryAsync(Cancel);

        var refusal = await Assert.ThrowsAsync<StartupException>(() => StartAsync());
        Assert.Contains("ConnectionStrings:Metadata cannot take the demo data (23505", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Filled with { Titles = 0, Genres = 1, Cast = 0, Days = 0, Totals = 0 }, await CountAsync());
        await using (var unblock = ServersFixture.Connections.Metadata.CreateCommand("DELETE FROM genres"))
            await unblock.ExecuteNonQueryAsync(Cancel);

        await StartAsync();

        Assert.Equal(Filled, await CountAsync());
    }

    [Theory]
    [InlineData("Development", null)]
    [InlineData("Development", "false")]
    [InlineData("Production", null)]
    public async Task Nothing_is_made_where_nobody_asks_for_it(string environment, string? enabled)
    {
        await StartAsync(environment, ("Seed:Enabled", enabled));
        Assert.Equal(new Counts(0, 0, 0, 0, 0, 0, 0, 0), await CountAsync());
    }

    [Fact]
    public async Task Asking_for_it_outside_Development_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("Production", ("Seed:Enabled", "true")));
        Assert.Contains("Seed:Enabled", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await CountAsync()).Titles);
    }

    private static readonly Counts Filled = new(Titles, 15, 60, 420, 60, 50, 180, 180);

    private sealed record Counts(long Titles, long Genres, long Cast, long Days, long Totals, long People, long Sessions, long Reviews);

    private async Task<Counts> CountAsync() => new(
        await CountAsync(ServersFixture.Connections.Metadata, "content_metadata"),
        await CountAsync(ServersFixture.Connections.Metadata, "genres"),
        await CountAsync(ServersFixture.Connections.Metadata, "cast_crew"),
        await CountAsync(ServersFixture.Connections.Metadata, "trending_daily"),
        await CountAsync(ServersFixture.Connections.Metadata, "content_views"),
        await CountAsync(ServersFixture.Connections.Analytics, "users"),
        await CountAsync(ServersFixture.Connections.Analytics, "user_watch_history"),
        (await fixture.Reviews.GetOverallTotalsAsync(Cancel)).Count);

    private static async Task<long> CountAsync(NpgsqlDataSource database, string table)
    {
        await using var count = database.CreateCommand($"SELECT count(*) FROM {table}");
        return (long)(await count.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task<string> TextAsync(NpgsqlDataSource database, string sql)
    {
        await using var select = database.CreateCommand(sql);
        return (string)(await select.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Without their ids, which each family makes in its way.</summary>
    private static async Task<IEnumerable<Review>> ReviewsOf(StoreFixture family, Guid contentId) =>
        (await family.Reviews.GetPageAsync(contentId, ReviewSort.Newest, 50, null, Cancel)).Reviews.Select(review => review with { Id = "" });

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);

    private Task StartAsync(params (string Key, string? Value)[] settings) => StartAsync("Development", [("Seed:Enabled", "true"), .. settings]);

    /// <summary>As a program that starts, of whose hosted services these two come first.</summary>
    private async Task StartAsync(string environment, params (string Key, string? Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Storage:Family", nameof(StorageFamily.Servers)),
                new("Storage:Migrate", "false"),
                new("ConnectionStrings:Metadata", TestServers.Metadata),
                new("ConnectionStrings:Analytics", TestServers.Analytics),
                new("ConnectionStrings:Mongo", "mongodb://127.0.0.1:1/unused"),
                new("Seed:Titles", $"{Titles}"),
            ])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = environment });
        services.AddSingleton<TimeProvider>(clock);
        services.AddLogging();
        services.AddStreamingStorage(configuration);
        // Held by the fixture, which may have its MongoDB in this process.
        services.AddSingleton(ServersFixture.Connections);
        await using var provider = services.BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>().Where(service => service is ServersStartup or ServersDemoData))
            await service.StartAsync(Cancel);
    }
}
