using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Time.Testing;
using MongoDB.Bson;
using MongoDB.Driver;
using StackExchange.Redis;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Storage;
using Streaming.Storage.Servers;
using Streaming.Tests.MongoDouble;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>
/// The servers family over the databases of <see cref="TestServers"/>, emptied when it opens; classes that use it are in
/// the collection <see cref="ServersTests"/>.
/// The application's clock stands still and begins at the metadata database's. That database stamps the view journal by
/// its own clock, which nobody can set: when time passes here, what it stamped moves into the past, and what trends at a
/// moment is asked for as much earlier. So do accounts and sessions in the analytics database.
/// </summary>
public sealed class ServersFixture : StoreFixture
{
    /// <summary>A test that begins later in an hour than this waits for the next one, so that none sees its trends change.</summary>
    private static readonly TimeSpan LastOfHour = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FarAway = TimeSpan.FromDays(50_000);

    /// <summary>Where no MongoDB is named; for the life of the process, as the connections are.</summary>
    private static readonly Lazy<MongoDoubleServer> MongoInProcess = new(() => MongoDoubleServer.Start());

    private static readonly Lazy<Task> Migrated = new(MigrateAsync);
    private static readonly Lazy<ServerConnections> Shared = new(() => new ServerConnections(new ConnectionOptions
    {
        Metadata = TestServers.Metadata,
        Analytics = TestServers.Analytics,
        Mongo = MongoNow,
        Redis = TestServers.Redis,
    }));

    // Emptying a database is an administrator's command, which the pools do not allow.
    private static readonly Lazy<Task<ConnectionMultiplexer>> Redis = new(() => ConnectionMultiplexer.ConnectAsync($"{TestServers.Redis},allowAdmin=true"));

    private static string MongoNow =>
        TestServers.HasMongo ? TestServers.Mongo : $"mongodb://127.0.0.1:{MongoInProcess.Value.Port}/streaming_test";

    private readonly Lazy<ServiceProvider> services;
    private readonly ConcurrentBag<CitusViewJournal> reopened = [];
    private TimeSpan passed;

    public ServersFixture() => services = new(() => Compose(Clock, [], Connections));

    public FakeTimeProvider Clock { get; } = new();

    public override IContentStore Content => Get<IContentStore>();

    public override IUserStore Users => Get<IUserStore>();

    public override IAccountStore Accounts => Get<IAccountStore>();

    public override ISessionStore Sessions => Get<ISessionStore>();

    public override IAccessStore Access => Get<IAccessStore>();

    public override IKeyRingStore KeyRing => Get<IKeyRingStore>();

    public override IReviewStore Reviews => Get<IReviewStore>();

    public override IActivityStore Activity => Get<IActivityStore>();

    public override IActivityBatchStore ActivityBatches => Get<IActivityBatchStore>();

    public override IWatchTimeStore WatchTime => Get<IWatchTimeStore>();

    public override ITrendingStore Trending => new MovedTrends(Get<ITrendingStore>(), passed);

    public override IViewJournal Journal => Get<IViewJournal>();

    public override ILogStore Logs => Get<ILogStore>();

    public override IVideoStore Videos => Get<IVideoStore>();

    public override IVideoListStore VideoLists => Get<IVideoListStore>();

    public override IVideoRemovalStore VideoRemovals => Get<IVideoRemovalStore>();

    public override IVideoInspectionStore VideoInspections => Get<IVideoInspectionStore>();

    public override IQuotaStore Quotas => Get<IQuotaStore>();

    public override DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>The pools that all fixtures share. Without the replica: what a test has written must be there when it reads.</summary>
    internal static ServerConnections Connections => Shared.Value;

    /// <summary>Skips or fails the test where the servers are missing.</summary>
    public override async Task OpenAsync()
    {
        _ = Connections;
        await Migrated.Value;
        await ServerTables.EmptyAsync(Connections.Metadata);
        await ServerTables.EmptyAsync(Connections.Analytics);
        await Connections.Mongo.GetCollection<BsonDocument>("reviews").DeleteManyAsync(FilterDefinition<BsonDocument>.Empty);

        await EmptyRedisAsync();
        Clock.SetUtcNow(await ReadClockAsync());
    }

    /// <summary>
    /// Hours and days move as far as a view that was accepted just now would: exact for spans of whole hours, and for
    /// others as long as all views were accepted at this moment.
    /// </summary>
    public override async Task AdvanceAsync(TimeSpan time)
    {
        var moment = Now - passed;
        var earlier = moment - time;
        var hours = (long)(HourOf(moment) - HourOf(earlier)).TotalHours;
        var days = (moment.UtcDateTime.Date - earlier.UtcDateTime.Date).Days;
        await ServerTables.RunAsync(
            Connections.Metadata,
            // Citus lets each shard evaluate only what depends on no setting, and hours of a day depend on the time zone.
            ("UPDATE view_journal SET accepted_at = (accepted_at AT TIME ZONE 'UTC' - $1) AT TIME ZONE 'UTC'", [time]),
            ("UPDATE view_receipts SET accepted_at = (accepted_at AT TIME ZONE 'UTC' - $1) AT TIME ZONE 'UTC'", [time]),
            // Far away first: a bucket must not meet its neighbour that has not moved yet.
            ("UPDATE trending_hourly SET hour = (hour AT TIME ZONE 'UTC' - $1) AT TIME ZONE 'UTC'", [FarAway]),
            ("UPDATE trending_hourly SET hour = (hour AT TIME ZONE 'UTC' + $1) AT TIME ZONE 'UTC'", [FarAway - TimeSpan.FromHours(hours)]),
            ("UPDATE trending_daily SET date = date - $1", [FarAway.Days]),
            ("UPDATE trending_daily SET date = date + $1", [FarAway.Days - days]));
        await ServerTables.RunAsync(
            Connections.Analytics,
            ("UPDATE users SET registration_date = registration_date - $1, banned_at = banned_at - $1", [time]),
            ("UPDATE auth.sessions SET created_at = created_at - $1, last_used_at = last_used_at - $1, expires_at = expires_at - $1, ended_at = ended_at - $1", [time]),
            ("UPDATE auth.refresh_tokens SET expires_at = expires_at - $1, used_at = used_at - $1", [time]),
            ("UPDATE auth.access_changes SET changed_at = changed_at - $1", [time]),
            ("UPDATE auth.api_keys SET created_at = created_at - $1, revoked_at = revoked_at - $1", [time]));
        passed += time;
        Clock.Advance(time);
    }

    public override IViewJournal ReopenJournal()
    {
        // Each keeps a connection of the shared pool until it is disposed.
        var journal = ActivatorUtilities.CreateInstance<CitusViewJournal>(services.Value);
        reopened.Add(journal);
        return journal;
    }

    public override async Task<Func<Task>> KeepJournalRowsAsync(string writerId)
    {
        await ServerTables.RunAsync(
            Connections.Metadata,
            ("DROP TABLE IF EXISTS kept_journal", []),
            ("CREATE TABLE kept_journal AS SELECT * FROM view_journal LIMIT 0", []),
            ("INSERT INTO kept_journal SELECT * FROM view_journal WHERE writer_id = $1", [writerId]));
        return () => ServerTables.RunAsync(Connections.Metadata, ("INSERT INTO view_journal SELECT * FROM kept_journal ON CONFLICT DO NOTHING", []));
    }

    public override Task AddTitleAsync(ContentDocument title)
    {
        var (row, id) = (title.Row, title.Row.ContentId);
        List<(string Sql, object?[] Values)> statements =
        [
            (
                """
                INSERT INTO content_metadata (content_id, title, original_title, release_date, duration_minutes, content_type, summary,
                    thumbnail_url, trailer_url, rating, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                [
                    id, row.Title, row.OriginalTitle, row.ReleaseDate is { } date ? DateOnly.FromDateTime(date.UtcDateTime) : null,
                    row.DurationMinutes, row.ContentType, row.Summary, row.ThumbnailUrl, row.TrailerUrl,
                    row.Rating is { } rating ? decimal.Parse(rating, CultureInfo.InvariantCulture) : null, row.CreatedAt, row.UpdatedAt,
                ]),
        ];
        foreach (var genre in title.Credits.Genres)
        {
            statements.Add(("INSERT INTO genres (genre_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", [genre.GenreId, genre.Name]));
            statements.Add(("INSERT INTO content_genres (content_id, genre_id) VALUES ($1, $2)", [id, genre.GenreId]));
        }

        foreach (var member in title.Credits.Cast)
        {
            statements.Add((
                "INSERT INTO cast_crew (person_id, name, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                [member.PersonId, member.Name, member.Role]));
            statements.Add((
                "INSERT INTO content_cast_crew (content_id, person_id, character_name) VALUES ($1, $2, $3)",
                [id, member.PersonId, member.CharacterName]));
        }

        return ServerTables.RunAsync(Connections.Metadata, [.. statements]);
    }

    public override Task AddUserAsync(Guid userId, string username) => ServerTables.RunAsync(
        Connections.Analytics,
        (
            "INSERT INTO users (user_id, username, email, registration_date) VALUES ($1, $2, $3, $4)",
            [userId, username, $"{userId:N}@example.com", Now]));

    public override Task SetRoleAsync(Guid userId, string role) =>
        ServerTables.RunAsync(Connections.Analytics, ("UPDATE users SET role = $2 WHERE user_id = $1", [userId, role]));

    public override async Task<Func<Task>> RefuseHistoryAtAsync(int lastPosition)
    {
        await ServerTables.RunAsync(
            Connections.Analytics,
            (string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE user_watch_history ADD CONSTRAINT refused CHECK (last_position_seconds <> {lastPosition})"), []));
        return () => ServerTables.RunAsync(Connections.Analytics, ("ALTER TABLE user_watch_history DROP CONSTRAINT refused", []));
    }

    public override Task SetLikesAsync(string reviewId, int likes) => Connections.Mongo.GetCollection<BsonDocument>("reviews").UpdateOneAsync(
        Builders<BsonDocument>.Filter.Eq("_id", ObjectId.Parse(reviewId)), Builders<BsonDocument>.Update.Set("likes_count", likes));

    /// <summary>After a server was started again: connections of before would each fail once.</summary>
    internal static void ForgetConnections()
    {
        Connections.Metadata.Clear();
        Connections.Federated.Clear();
        Connections.Analytics.Clear();
    }

    internal static async Task EmptyRedisAsync() => await (await Redis.Value).GetDatabase().ExecuteAsync("FLUSHDB");

    public override async ValueTask DisposeAsync()
    {
        foreach (var journal in reopened)
            journal.Dispose();

        if (services.IsValueCreated)
            await services.Value.DisposeAsync();
    }

    /// <summary>As a program does that starts; fixtures do it once, however many open.</summary>
    internal static async Task MigrateAsync()
    {
        await using var provider = Compose(
            TimeProvider.System,
            [
                ("ConnectionStrings:Metadata", TestServers.Metadata),
                ("ConnectionStrings:Analytics", TestServers.Analytics),
                ("ConnectionStrings:AnalyticsReplica", TestServers.Replica),
                ("ConnectionStrings:Orleans", TestServers.Orleans),
                ("ConnectionStrings:Mongo", MongoNow),
            ]);
        foreach (var startup in provider.GetServices<IHostedService>().OfType<ServersStartup>())
            await startup.StartAsync(TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Compose(TimeProvider clock, (string Key, string Value)[] settings, ServerConnections? connections = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([
                new("Storage:Family", nameof(StorageFamily.Servers)),
                .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
            ])
            .Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = Environments.Production });
        services.AddLogging();
        services.AddSingleton(clock);
        services.AddStreamingStorage(configuration);
        if (connections is not null)
            services.Replace(ServiceDescriptor.Singleton(connections));

        return services.BuildServiceProvider();
    }

    private T Get<T>()
        where T : notnull => services.Value.GetRequiredService<T>();

    private static async Task<DateTimeOffset> ReadClockAsync()
    {
        await using var select = Connections.Metadata.CreateCommand("SELECT clock_timestamp()");
        while (true)
        {
            var now = new DateTimeOffset((DateTime)(await select.ExecuteScalarAsync())!);
            var left = HourOf(now).AddHours(1) - now;
            if (left > LastOfHour)
                return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

            await Task.Delay(left, TestContext.Current.CancellationToken);
        }
    }

    private static DateTimeOffset HourOf(DateTimeOffset moment) => new(moment.Ticks - (moment.Ticks % TimeSpan.TicksPerHour), TimeSpan.Zero);
}
