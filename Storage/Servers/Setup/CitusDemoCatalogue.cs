using Npgsql;
using Streaming.Storage.Demo;

namespace Streaming.Storage.Servers;

/// <summary>The catalogue and its views, by COPY in one transaction.</summary>
internal static class CitusDemoCatalogue
{
    // One COPY fills one table: a batch's genres and cast wait in memory for its titles.
    private const int Batch = 10_000;

    // Distributed tables have foreign keys to the reference tables that are filled first: Citus takes no parallel writes after that.
    private const string Sequential = "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'";

    /// <param name="progress">Is told the number of titles written, batch by batch.</param>
    public static async Task FillAsync(NpgsqlConnection connection, DemoData data, Action<int> progress, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(Sequential, cancellationToken);
        await CopyAsync(connection, CopyGenres, DemoData.GenreNames.Select((name, i) => new object?[] { i + 1, name }), cancellationToken);
        await CopyAsync(connection, CopyCast, data.Cast().Select(m => new object?[] { m.Id, m.Name, m.Role, m.Biography, m.BornOn }), cancellationToken);
        var count = 0;
        foreach (var titles in data.Titles().Chunk(Batch))
        {
            await CopyAsync(connection, CopyTitles, titles.Select(ToRow), cancellationToken);
            await CopyAsync(
                connection, CopyTitleGenres, titles.SelectMany(t => t.GenreIds, (t, genre) => new object?[] { t.Id, genre }), cancellationToken);
            await CopyAsync(
                connection, CopyCredits, titles.SelectMany(t => t.Credits, (t, c) => new object?[] { t.Id, c.PersonId, c.Character }), cancellationToken);
            progress(count += titles.Length);
        }

        // At most 10,000 titles have views.
        var views = data.Views().ToList();
        await CopyAsync(
            connection, CopyDays, views.SelectMany(v => v.Days, (v, day) => new object?[] { day.Date, v.ContentId, (long)day.Views, (long)day.Minutes }), cancellationToken);
        await CopyAsync(connection, CopyTotals, views.Select(v => new object?[] { v.ContentId, (long)v.Total }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private const string CopyGenres = "COPY genres (genre_id, name) FROM STDIN (FORMAT BINARY)";

    private const string CopyCast = "COPY cast_crew (person_id, name, role, biography, date_of_birth) FROM STDIN (FORMAT BINARY)";

    private const string CopyTitles = """
        COPY content_metadata (content_id, title, original_title, release_date, duration_minutes, content_type, summary,
            thumbnail_url, trailer_url, rating, created_at, updated_at) FROM STDIN (FORMAT BINARY)
        """;

    private const string CopyTitleGenres = "COPY content_genres (content_id, genre_id) FROM STDIN (FORMAT BINARY)";

    private const string CopyCredits = "COPY content_cast_crew (content_id, person_id, character_name) FROM STDIN (FORMAT BINARY)";

    private const string CopyDays = "COPY trending_daily (date, content_id, views, watch_time_minutes) FROM STDIN (FORMAT BINARY)";

    private const string CopyTotals = "COPY content_views (content_id, views) FROM STDIN (FORMAT BINARY)";

    private static object?[] ToRow(DemoTitle title) =>
    [
        title.Id, title.Name, title.Name, title.ReleasedOn, title.Minutes, title.Type, title.Summary,
        title.ThumbnailUrl, title.TrailerUrl, (decimal)title.Rating, title.CreatedAt, title.CreatedAt,
    ];

    private static async Task CopyAsync(NpgsqlConnection connection, string copy, IEnumerable<object?[]> rows, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(copy, cancellationToken);
        foreach (var row in rows)
            await import.WriteRowAsync(cancellationToken, row);

        await import.CompleteAsync(cancellationToken);
    }
}
