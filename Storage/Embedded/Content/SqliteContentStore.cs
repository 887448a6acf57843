using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Content;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteContentStore(EmbeddedDatabase database) : IContentStore
{
    private const string SelectRow = """
        SELECT title, original_title, release_date, duration_minutes, content_type, summary, thumbnail_url, trailer_url,
               rating, created_at, updated_at
        FROM content_metadata WHERE content_id = $id
        """;

    private const string SelectGenres = """
        SELECT g.genre_id, g.name FROM content_genres c JOIN genres g USING (genre_id) WHERE c.content_id = $id ORDER BY g.name
        """;

    private const string SelectCast = """
        SELECT p.person_id, p.name, p.role, c.character_name
        FROM content_cast_crew c JOIN cast_crew p USING (person_id) WHERE c.content_id = $id ORDER BY p.name, p.person_id
        """;

    public Task<ContentDocument?> GetAsync(Guid contentId, CancellationToken cancellationToken) => database.Metadata.ReadAsync(
        connection =>
        {
            var id = contentId.ToBlob();
            if (connection.Query(reader => ToRow(contentId, reader), SelectRow, ("$id", id)) is not [var row])
                return null;

            var genres = connection.Query(r => new Genre(r.GetInt32(0), r.GetString(1)), SelectGenres, ("$id", id));
            var cast = connection.Query(
                r => new CastMember(r.GetId(0), r.GetString(1), r.GetText(2), r.GetText(3)), SelectCast, ("$id", id));
            return new ContentDocument(row, new ContentCredits([.. genres], [.. cast]));
        },
        cancellationToken);

    private const string SelectIds = """
        SELECT content_id FROM content_metadata WHERE $after IS NULL OR content_id > $after ORDER BY content_id LIMIT $limit
        """;

    public async Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        await database.Metadata.ReadAsync(
            c => c.Query(r => r.GetId(0), SelectIds, ("$after", after?.ToBlob()), ("$limit", limit)), cancellationToken);

    private const string SelectExisting = """
        SELECT content_id FROM content_metadata WHERE content_id IN (SELECT unhex(value) FROM json_each($ids))
        """;

    public async Task<IReadOnlyList<Guid>> FindExistingAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) =>
        await database.Metadata.ReadAsync(
            c => c.Query(r => r.GetId(0), SelectExisting, ("$ids", contentIds.ToJsonArray())), cancellationToken);

    private static ContentRow ToRow(Guid contentId, SqliteDataReader reader) => new(
        contentId,
        reader.GetString(0),
        reader.GetText(1),
        reader.GetText(2) is { } date ? DateTimeOffset.Parse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
        reader.IsDBNull(3) ? null : reader.GetInt32(3),
        reader.GetString(4),
        reader.GetText(5),
        reader.GetText(6),
        reader.GetText(7),
        reader.IsDBNull(8) ? null : reader.GetDouble(8).ToString("0.0", CultureInfo.InvariantCulture),
        reader.GetMoment(9),
        reader.GetMoment(10));
}
