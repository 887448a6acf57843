using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Storage.Embedded;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>The embedded family by a clock that stands still.</summary>
public sealed class EmbeddedFixture : StoreFixture
{
    private readonly TemporaryFolder? temporary;
    private readonly EmbeddedDatabase database;

    /// <param name="folder">Where the files are; without one, a temporary folder of the fixture's own.</param>
    public EmbeddedFixture(TemporaryFolder? folder = null)
    {
        temporary = folder is null ? new TemporaryFolder() : null;
        database = new EmbeddedDatabase((folder ?? temporary!).Path);
        Content = new SqliteContentStore(database);
        Users = new SqliteUserStore(database);
        Accounts = new SqliteAccountStore(database, Clock);
        Sessions = new SqliteSessionStore(database, Clock);
        Access = new SqliteAccessStore(database, Clock);
        KeyRing = new SqliteKeyRingStore(database, Clock);
        Reviews = new SqliteReviewStore(database, Clock);
        Activity = new SqliteActivityStore(database);
        ActivityBatches = new SqliteActivityBatchStore(database);
        WatchTime = new SqliteWatchTimeStore(database);
        Trending = new SqliteTrendingStore(database);
        Journal = new SqliteViewJournal(database, Clock);
        Logs = new SqliteLogStore(database);
        Videos = new SqliteVideoStore(database);
        VideoLists = new SqliteVideoListStore(database);
        VideoRemovals = new SqliteVideoRemovalStore(database);
        VideoInspections = new SqliteVideoInspectionStore(database);
        Quotas = new SqliteQuotaStore(database);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));

    public override IContentStore Content { get; }

    public override IUserStore Users { get; }

    public override IAccountStore Accounts { get; }

    public override ISessionStore Sessions { get; }

    public override IAccessStore Access { get; }

    public override IKeyRingStore KeyRing { get; }

    public override IReviewStore Reviews { get; }

    public override IActivityStore Activity { get; }

    public override IActivityBatchStore ActivityBatches { get; }

    public override IWatchTimeStore WatchTime { get; }

    public override ITrendingStore Trending { get; }

    public override IViewJournal Journal { get; }

    public override ILogStore Logs { get; }

    public override IVideoStore Videos { get; }

    public override IVideoListStore VideoLists { get; }

    public override IVideoRemovalStore VideoRemovals { get; }

    public override IVideoInspectionStore VideoInspections { get; }

    public override IQuotaStore Quotas { get; }

    public override DateTimeOffset Now => Clock.GetUtcNow();

    internal EmbeddedDatabase Database => database;

    public override Task OpenAsync() => Task.Run(() => database.OpenAsync(CancellationToken.None));

    public override Task AdvanceAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    public override IViewJournal ReopenJournal() => new SqliteViewJournal(database, Clock);

    public override async Task<Func<Task>> KeepJournalRowsAsync(string writerId)
    {
        await database.Journal.WriteAsync(
            c => c.Execute(
                "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM view_journal WHERE 0; INSERT INTO kept SELECT * FROM view_journal WHERE writer_id = $writer",
                ("$writer", writerId)),
            CancellationToken.None);
        return () => database.Journal.WriteAsync(
            c => c.Execute("INSERT OR IGNORE INTO view_journal SELECT * FROM kept"), CancellationToken.None);
    }

    public override Task AddTitleAsync(ContentDocument title) => database.Metadata.WriteAsync(c => Insert(c, title), CancellationToken.None);

    public override Task AddUserAsync(Guid userId, string username) => database.Analytics.WriteAsync(
        c => c.Execute(
            "INSERT INTO users (user_id, username, email, registration_date) VALUES ($id, $name, $email, 0)",
            ("$id", userId.ToBlob()), ("$name", username), ("$email", $"{userId:N}@example.com")),
        CancellationToken.None);

    public override Task SetRoleAsync(Guid userId, string role) => database.Analytics.WriteAsync(
        c => c.Execute("UPDATE users SET role = $role WHERE user_id = $id", ("$id", userId.ToBlob()), ("$role", role)), CancellationToken.None);

    public override async Task<Func<Task>> RefuseHistoryAtAsync(int lastPosition)
    {
        await database.Analytics.WriteAsync(
            c => c.Execute(string.Create(CultureInfo.InvariantCulture, $"""
                CREATE TRIGGER refused BEFORE INSERT ON user_watch_history WHEN new.last_position_seconds = {lastPosition}
                BEGIN SELECT raise(ABORT, 'refused'); END
                """)),
            CancellationToken.None);
        return () => database.Analytics.WriteAsync(c => c.Execute("DROP TRIGGER refused"), CancellationToken.None);
    }

    public override Task SetLikesAsync(string reviewId, int likes) => database.Reviews.WriteAsync(
        c => c.Execute("UPDATE reviews SET likes_count = $likes WHERE review_id = unhex($id)", ("$likes", likes), ("$id", reviewId)),
        CancellationToken.None);

    public override ValueTask DisposeAsync()
    {
        database.Dispose();
        temporary?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int Insert(SqliteConnection connection, ContentDocument title)
    {
        var (row, id) = (title.Row, title.Row.ContentId.ToBlob());
        connection.Execute(
            """
            INSERT INTO content_metadata (content_id, title, original_title, release_date, duration_minutes, content_type, summary,
                thumbnail_url, trailer_url, rating, created_at, updated_at)
            VALUES ($id, $title, $original, $date, $minutes, $type, $summary, $thumbnail, $trailer, $rating, $created, $updated)
            """,
            ("$id", id), ("$title", row.Title), ("$original", row.OriginalTitle),
            ("$date", row.ReleaseDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ("$minutes", row.DurationMinutes),
            ("$type", row.ContentType), ("$summary", row.Summary), ("$thumbnail", row.ThumbnailUrl), ("$trailer", row.TrailerUrl),
            ("$rating", row.Rating is { } rating ? double.Parse(rating, CultureInfo.InvariantCulture) : null),
            ("$created", row.CreatedAt.ToUnixTimeMilliseconds()), ("$updated", row.UpdatedAt.ToUnixTimeMilliseconds()));
        foreach (var genre in title.Credits.Genres)
        {
            connection.Execute("INSERT OR IGNORE INTO genres (genre_id, name) VALUES ($id, $name)", ("$id", genre.GenreId), ("$name", genre.Name));
            connection.Execute("INSERT INTO content_genres (content_id, genre_id) VALUES ($id, $genre)", ("$id", id), ("$genre", genre.GenreId));
        }

        foreach (var member in title.Credits.Cast)
        {
            var person = member.PersonId.ToBlob();
            connection.Execute(
                "INSERT OR IGNORE INTO cast_crew (person_id, name, role) VALUES ($id, $name, $role)",
                ("$id", person), ("$name", member.Name), ("$role", member.Role));
            connection.Execute(
                "INSERT INTO content_cast_crew (content_id, person_id, character_name) VALUES ($id, $person, $character)",
                ("$id", id), ("$person", person), ("$character", member.CharacterName));
        }

        return 1;
    }
}
