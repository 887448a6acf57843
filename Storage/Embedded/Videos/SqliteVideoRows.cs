using Microsoft.Data.Sqlite;
using Streaming.Videos;

namespace Streaming.Storage.Embedded;

/// <summary>Stored and deleted videos, as <c>videos</c> holds them.</summary>
internal static class SqliteVideoRows
{
    public const string Columns = "id, user_id, title, format, size_bytes, uploaded_at, deleted_at, due_at, duration_seconds, inspected_at, playable, reason, codec";

    public static Video ToVideo(SqliteDataReader r) => new(
        r.GetId(0), r.GetId(1), r.GetString(2), (VideoFormat)r.GetInt32(3), r.GetInt64(4), r.GetMoment(5),
        r.IsDBNull(6) ? null : r.GetMoment(6), r.IsDBNull(7) ? null : r.GetMoment(7), r.IsDBNull(8) ? null : r.GetDouble(8),
        r.IsDBNull(9) ? null : r.GetMoment(9), r.IsDBNull(10) ? null : r.GetBoolean(10), r.GetText(11), r.GetText(12));

    /// <param name="sql">Selects <see cref="Columns"/> of those before (<c>$at</c>, <c>$id</c>), at most <c>$limit</c> + 1.</param>
    /// <param name="sort">The column that they are sorted by.</param>
    public static VideoPage Page(
        SqliteConnection connection, string sql, int sort, PageCursor? before, int limit, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Paging.Page(
            connection.Query(
                reader => (Row: ToVideo(reader), Key: new PageCursor(reader.GetInt64(sort), reader.GetId(0))),
                sql,
                [.. parameters, ("$at", before?.Sort ?? long.MaxValue), ("$id", (before?.Id ?? Guid.Empty).ToBlob()), ("$limit", limit)]),
            limit,
            (videos, next) => new VideoPage(videos, next));
}
