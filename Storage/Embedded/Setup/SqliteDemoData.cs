using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Storage.Demo;

namespace Streaming.Storage.Embedded;

/// <summary>
/// Writes <see cref="DemoData"/>. The catalogue comes last and in one transaction, so a start that was cut short is
/// repeated, and meets its own rows.
/// </summary>
internal sealed class SqliteDemoData(EmbeddedDatabase database, int titles, TimeProvider time)
{
    private const int ProgressEvery = 10_000;

    public void FillIfEmpty(TextWriter progress, CancellationToken cancellationToken)
    {
        if (database.Metadata.Write(c => c.Scalar("SELECT 1 FROM content_metadata LIMIT 1")) is not null)
            return;

        var data = new DemoData(titles, time);
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Making demo data: {data.TitleCount:N0} titles, {data.PersonCount:N0} people…"));

        database.Analytics.Write(c => FillPeople(c, data, cancellationToken));
        database.Reviews.Write(c => FillReviews(c, data, cancellationToken));
        database.Metadata.Write(c => FillCatalogue(c, data, progress, cancellationToken));
    }

    private static int FillPeople(SqliteConnection connection, DemoData data, CancellationToken cancellationToken)
    {
        using var insertPerson = connection.Command(
            "INSERT OR IGNORE INTO users (user_id, username, email, registration_date) VALUES ($id, $name, $email, $at)",
            ("$id", null), ("$name", null), ("$email", null), ("$at", null));
        foreach (var person in data.People())
            Run(insertPerson, person.Id.ToBlob(), person.Name, person.Email, person.RegisteredAt.ToUnixTimeMilliseconds());

        using var insertSession = connection.Command(
            """
            INSERT OR IGNORE INTO user_watch_history
                (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, view_recorded)
            VALUES ($id, $user, $content, $at, $watched, $watched, 1)
            """,
            ("$id", null), ("$user", null), ("$content", null), ("$at", null), ("$watched", null));
        foreach (var session in data.Sessions())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(insertSession, session.Id.ToBlob(), session.UserId.ToBlob(), session.ContentId.ToBlob(), session.WatchedAt.ToUnixTimeMilliseconds(), session.Seconds);
        }

        return data.PersonCount;
    }

    private static int FillReviews(SqliteConnection connection, DemoData data, CancellationToken cancellationToken)
    {
        using var insert = connection.Command(
            """
            INSERT OR IGNORE INTO reviews (review_id, content_id, user_id, rating, comment, created_at)
            VALUES ($id, $content, $user, $rating, $comment, $at)
            """,
            ("$id", null), ("$content", null), ("$user", null), ("$rating", null), ("$comment", null), ("$at", null));
        var count = 0;
        foreach (var review in data.Reviews())
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(
                insert, ReviewIds.New(review.CreatedAt), review.ContentId.ToBlob(), review.UserId.ToBlob(), (double)review.Rating,
                review.Comment, review.CreatedAt.ToUnixTimeMilliseconds());
            count++;
        }

        return count;
    }

    private static int FillCatalogue(SqliteConnection connection, DemoData data, TextWriter progress, CancellationToken cancellationToken)
    {
        for (var i = 0; i < DemoData.GenreNames.Count; i++)
            connection.Execute("INSERT INTO genres (genre_id, name) VALUES ($id, $name)", ("$id", i + 1), ("$name", DemoData.GenreNames[i]));

        foreach (var member in data.Cast())
        {
            connection.Execute(
                "INSERT INTO cast_crew (person_id, name, role, biography, date_of_birth) VALUES ($id, $name, $role, $biography, $born)",
                ("$id", member.Id.ToBlob()), ("$name", member.Name), ("$role", member.Role), ("$biography", member.Biography), ("$born", Text(member.BornOn)));
        }

        using var insertTitle = connection.Command(
            """
            INSERT INTO content_metadata (content_id, title, original_title, release_date, duration_minutes, content_type, summary,
                thumbnail_url, trailer_url, rating, created_at, updated_at)
            VALUES ($id, $title, $title, $date, $minutes, $type, $summary, $thumbnail, $trailer, $rating, $at, $at)
            """,
            ("$id", null), ("$title", null), ("$date", null), ("$minutes", null), ("$type", null), ("$summary", null),
            ("$thumbnail", null), ("$trailer", null), ("$rating", null), ("$at", null));
        using var insertGenre = connection.Command(
            "INSERT INTO content_genres (content_id, genre_id) VALUES ($id, $genre)", ("$id", null), ("$genre", null));
        using var insertCredit = connection.Command(
            "INSERT INTO content_cast_crew (content_id, person_id, character_name) VALUES ($id, $person, $character)",
            ("$id", null), ("$person", null), ("$character", null));
        var count = 0;
        foreach (var title in data.Titles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var id = title.Id.ToBlob();
            Run(
                insertTitle, id, title.Name, Text(title.ReleasedOn), title.Minutes, title.Type, title.Summary,
                title.ThumbnailUrl, title.TrailerUrl, title.Rating, title.CreatedAt.ToUnixTimeMilliseconds());
            foreach (var genre in title.GenreIds)
                Run(insertGenre, id, genre);

            foreach (var credit in title.Credits)
                Run(insertCredit, id, credit.PersonId.ToBlob(), credit.Character);

            if (++count % ProgressEvery == 0)
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {count:N0} of {data.TitleCount:N0} titles"));
        }

        FillViews(connection, data);
        return count;
    }

    private static void FillViews(SqliteConnection connection, DemoData data)
    {
        using var insertTotal = connection.Command("INSERT INTO content_views (content_id, views) VALUES ($id, $views)", ("$id", null), ("$views", null));
        using var insertDay = connection.Command(
            "INSERT INTO trending_daily (date, content_id, views, watch_time_minutes) VALUES ($date, $id, $views, $minutes)",
            ("$date", null), ("$id", null), ("$views", null), ("$minutes", null));
        foreach (var views in data.Views())
        {
            var id = views.ContentId.ToBlob();
            foreach (var day in views.Days)
                Run(insertDay, Text(day.Date), id, day.Views, day.Minutes);

            Run(insertTotal, id, views.Total);
        }
    }

    private static string Text(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;

        command.ExecuteNonQuery();
    }
}
