using System.Globalization;
using Bogus;
using Microsoft.Data.Sqlite;

namespace Streaming.Storage.Embedded;

/// <summary>
/// Demo data from a fixed random seed: titles with genres and cast, people, reviews, history and views of the last week.
/// The catalogue comes last and in one transaction, so a start that was cut short is repeated, and meets its own rows.
/// </summary>
internal sealed class DemoData(EmbeddedDatabase database, int titles, TimeProvider time)
{
    private const int RandomSeed = 20_240_601;
    private const int ProgressEvery = 10_000;
    private const int TrendingTitles = 10_000;

    private static readonly string[] GenreNames =
        ["Action", "Adventure", "Animation", "Comedy", "Crime", "Documentary", "Drama", "Family", "Fantasy", "History", "Horror", "Mystery", "Romance", "Science Fiction", "Thriller"];

    private static readonly string[] ContentTypes = ["movie", "series", "documentary"];
    private static readonly string[] Roles = ["actor", "actor", "actor", "director", "writer"];

    private readonly Randomizer random = new(RandomSeed);
    private readonly DateTimeOffset now = time.GetUtcNow();
    private Faker faker = null!;
    private Guid[] contentIds = [];
    private Guid[] userIds = [];
    private string[] sentences = [];

    public void FillIfEmpty(TextWriter progress, CancellationToken cancellationToken)
    {
        if (database.Metadata.Write(c => c.Scalar("SELECT 1 FROM content_metadata LIMIT 1")) is not null)
            return;

        faker = new Faker { Random = random };
        contentIds = Ids(titles);
        userIds = Ids(Math.Max(50, titles / 10));
        // Written once and drawn from: making a fresh text for each row would take minutes at 100,000 titles.
        sentences = [.. Enumerable.Range(0, 500).Select(_ => faker.Lorem.Sentence(8, 8))];
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Making demo data: {titles:N0} titles, {userIds.Length:N0} people…"));

        database.Analytics.Write(c => FillPeople(c, cancellationToken));
        database.Reviews.Write(c => FillReviews(c, cancellationToken));
        database.Metadata.Write(c => FillCatalogue(c, progress, cancellationToken));
    }

    private int FillPeople(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var user = connection.Command(
            "INSERT OR IGNORE INTO users (user_id, username, email, registration_date) VALUES ($id, $name, $email, $at)",
            ("$id", null), ("$name", null), ("$email", null), ("$at", null));
        for (var i = 0; i < userIds.Length; i++)
        {
            var name = faker.Name.FirstName().ToLowerInvariant() + i.ToString(CultureInfo.InvariantCulture);
            Run(user, userIds[i].ToBlob(), name, name + "@example.com", Ago(TimeSpan.FromDays(700)));
        }

        using var session = connection.Command(
            """
            INSERT OR IGNORE INTO user_watch_history
                (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, view_recorded)
            VALUES ($id, $user, $content, $at, $watched, $watched, 1)
            """,
            ("$id", null), ("$user", null), ("$content", null), ("$at", null), ("$watched", null));
        for (var i = 0; i < Math.Max(150, titles * 3); i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(session, random.Guid().ToBlob(), random.ArrayElement(userIds).ToBlob(), contentIds[i % titles].ToBlob(), Ago(TimeSpan.FromDays(90)), random.Int(60, 7_200));
        }

        return userIds.Length;
    }

    private int FillReviews(SqliteConnection connection, CancellationToken cancellationToken)
    {
        using var review = connection.Command(
            """
            INSERT OR IGNORE INTO reviews (review_id, content_id, user_id, rating, comment, created_at)
            VALUES ($id, $content, $user, $rating, $comment, $at)
            """,
            ("$id", null), ("$content", null), ("$user", null), ("$rating", null), ("$comment", null), ("$at", null));
        var count = Math.Max(150, titles * 3);
        for (var i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Walking the people, a different step for each round over the titles: no pair of title and person comes twice.
            var user = userIds[(i + (i / titles)) % userIds.Length];
            var at = now - TimeSpan.FromSeconds((count - i) * 20L);
            Run(review, ReviewIds.New(at), contentIds[i % titles].ToBlob(), user.ToBlob(), (double)random.Int(1, 10), random.ArrayElement(sentences), at.ToUnixTimeMilliseconds());
        }

        return count;
    }

    private int FillCatalogue(SqliteConnection connection, TextWriter progress, CancellationToken cancellationToken)
    {
        for (var i = 0; i < GenreNames.Length; i++)
            connection.Execute("INSERT INTO genres (genre_id, name) VALUES ($id, $name)", ("$id", i + 1), ("$name", GenreNames[i]));

        var people = FillCastCrew(connection);
        using var title = connection.Command(
            """
            INSERT INTO content_metadata (content_id, title, original_title, release_date, duration_minutes, content_type, summary,
                thumbnail_url, trailer_url, rating, created_at, updated_at)
            VALUES ($id, $title, $original, $date, $minutes, $type, $summary, $thumbnail, $trailer, $rating, $at, $at)
            """,
            ("$id", null), ("$title", null), ("$original", null), ("$date", null), ("$minutes", null), ("$type", null), ("$summary", null),
            ("$thumbnail", null), ("$trailer", null), ("$rating", null), ("$at", null));
        using var genre = connection.Command(
            "INSERT OR IGNORE INTO content_genres (content_id, genre_id) VALUES ($id, $genre)", ("$id", null), ("$genre", null));
        using var credit = connection.Command(
            "INSERT OR IGNORE INTO content_cast_crew (content_id, person_id, character_name) VALUES ($id, $person, $character)",
            ("$id", null), ("$person", null), ("$character", null));
        for (var i = 0; i < titles; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = contentIds[i].ToBlob();
            var type = ContentTypes[i % ContentTypes.Length];
            var name = MakeTitle();
            Run(
                title, id, name, name, now.AddDays(-random.Int(30, 15_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                type == "series" ? null : random.Int(60, 180), type, random.ArrayElement(sentences) + " " + random.ArrayElement(sentences),
                $"https://images.example.com/{contentIds[i]}.jpg", $"https://videos.example.com/{contentIds[i]}.mp4",
                Math.Round(random.Double(6, 10), 1), Ago(TimeSpan.FromDays(700)));
            for (var n = random.Int(1, 3); n > 0; n--)
                Run(genre, id, random.Int(1, GenreNames.Length));

            for (var n = random.Int(2, 5); n > 0; n--)
            {
                var (person, role, _) = random.ArrayElement(people);
                Run(credit, id, person.ToBlob(), role == "actor" ? random.ArrayElement(people).Name : null);
            }

            if ((i + 1) % ProgressEvery == 0)
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {i + 1:N0} of {titles:N0} titles"));
        }

        FillViews(connection);
        return titles;
    }

    private (Guid Id, string Role, string Name)[] FillCastCrew(SqliteConnection connection)
    {
        var people = new (Guid Id, string Role, string Name)[Math.Clamp(titles, 50, 5_000)];
        for (var i = 0; i < people.Length; i++)
        {
            people[i] = (random.Guid(), random.ArrayElement(Roles), faker.Name.FullName());
            connection.Execute(
                "INSERT INTO cast_crew (person_id, name, role, biography, date_of_birth) VALUES ($id, $name, $role, $biography, $born)",
                ("$id", people[i].Id.ToBlob()), ("$name", people[i].Name), ("$role", people[i].Role), ("$biography", random.ArrayElement(sentences)),
                ("$born", now.AddDays(-random.Int(7_000, 30_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        }

        return people;
    }

    /// <summary>A week of views, so that totals and trends have something to show.</summary>
    private void FillViews(SqliteConnection connection)
    {
        using var total = connection.Command("INSERT INTO content_views (content_id, views) VALUES ($id, $views)", ("$id", null), ("$views", null));
        using var daily = connection.Command(
            "INSERT INTO trending_daily (date, content_id, views, watch_time_minutes) VALUES ($date, $id, $views, $minutes)",
            ("$date", null), ("$id", null), ("$views", null), ("$minutes", null));
        var hour = ViewSums.HourOf(now);
        for (var i = 0; i < Math.Min(titles, TrendingTitles); i++)
        {
            var sum = 0;
            for (var day = 0; day < 7; day++)
            {
                var views = random.Int(1, 1_000);
                sum += views;
                Run(daily, ViewTotals.DateOf(hour - (24 * day)), contentIds[i].ToBlob(), views, views * random.Int(5, 60));
            }

            Run(total, contentIds[i].ToBlob(), sum);
        }
    }

    private string MakeTitle()
    {
        var adjective = faker.Commerce.ProductAdjective();
        var noun = faker.Hacker.Noun();
        return $"The {adjective} {char.ToUpperInvariant(noun[0])}{noun[1..]}";
    }

    private Guid[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Guid())];

    private long Ago(TimeSpan most) => (now - (most * random.Double())).ToUnixTimeMilliseconds();

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;

        command.ExecuteNonQuery();
    }
}
