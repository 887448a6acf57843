using System.Globalization;
using Npgsql;
using Streaming.Content;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>A title, its genres and its cast are on one worker; genres and people are on each.</summary>
internal sealed class CitusContentStore(ServerConnections connections, RedisCopies copies) : IContentStore
{
    private const string StoreName = "The catalogue's database";

    private const string SelectRow = """
        SELECT title, original_title, release_date, duration_minutes, content_type, summary, thumbnail_url, trailer_url,
               rating, created_at, updated_at
        FROM content_metadata WHERE content_id = $1
        """;

    // By bytes, whatever the database's language.
    private const string SelectGenres = """
        SELECT g.genre_id, g.name FROM content_genres c JOIN genres g ON g.genre_id = c.genre_id
        WHERE c.content_id = $1 ORDER BY g.name COLLATE "C"
        """;

    private const string SelectCast = """
        SELECT p.person_id, p.name, p.role, c.character_name FROM content_cast_crew c JOIN cast_crew p ON p.person_id = c.person_id
        WHERE c.content_id = $1 ORDER BY p.name COLLATE "C", p.person_id
        """;

    public Task<ContentDocument?> GetAsync(Guid contentId, CancellationToken cancellationToken) => PostgresErrors.ReadAsync(StoreName, async cancel =>
    {
        await using var batch = connections.Metadata.CreateBatch()
            .With(SelectRow, Value(contentId)).With(SelectGenres, Value(contentId)).With(SelectCast, Value(contentId));
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel))
            return null;

        var row = ToRow(contentId, reader);
        copies.CopyMetadata(row);
        await reader.NextResultAsync(cancel);
        var genres = await reader.ReadAllAsync(r => new Genre(r.GetInt32(0), r.GetString(1)), cancel);
        await reader.NextResultAsync(cancel);
        var cast = await reader.ReadAllAsync(r => new CastMember(r.GetGuid(0), r.GetString(1), r.GetText(2), r.GetText(3)), cancel);
        return new ContentDocument(row, new ContentCredits([.. genres], [.. cast]));
    }, cancellationToken);

    private const string SelectFirstIds = "SELECT content_id FROM content_metadata ORDER BY content_id LIMIT $1";

    private const string SelectNextIds = "SELECT content_id FROM content_metadata WHERE content_id > $2 ORDER BY content_id LIMIT $1";

    public Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        ReadIdsAsync(
            after is { } last ? connections.Metadata.Command(SelectNextIds, Value(limit), Value(last)) : connections.Metadata.Command(SelectFirstIds, Value(limit)),
            cancellationToken);

    private const string SelectExisting = "SELECT content_id FROM content_metadata WHERE content_id = ANY($1)";

    public Task<IReadOnlyList<Guid>> FindExistingAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) =>
        ReadIdsAsync(connections.Metadata.Command(SelectExisting, Value(contentIds.ToArray())), cancellationToken);

    private static Task<IReadOnlyList<Guid>> ReadIdsAsync(NpgsqlCommand command, CancellationToken cancellationToken) =>
        PostgresErrors.ReadAsync<IReadOnlyList<Guid>>(StoreName, async cancel => await command.QueryAsync(r => r.GetGuid(0), cancel), cancellationToken);

    private static ContentRow ToRow(Guid contentId, NpgsqlDataReader reader) => new(
        contentId,
        reader.GetString(0),
        reader.GetText(1),
        reader.IsDBNull(2) ? null : new DateTimeOffset(reader.GetFieldValue<DateOnly>(2), TimeOnly.MinValue, TimeSpan.Zero),
        reader.IsDBNull(3) ? null : reader.GetInt32(3),
        reader.GetString(4),
        reader.GetText(5),
        reader.GetText(6),
        reader.GetText(7),
        reader.IsDBNull(8) ? null : reader.GetDecimal(8).ToString("0.0", CultureInfo.InvariantCulture),
        reader.GetFieldValue<DateTimeOffset>(9),
        reader.GetFieldValue<DateTimeOffset>(10));
}
