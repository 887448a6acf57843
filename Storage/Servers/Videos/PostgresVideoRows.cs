using Npgsql;
using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>Stored and deleted videos, as <c>videos</c> holds them.</summary>
internal static class PostgresVideoRows
{
    public const string Store = "The analytics database";
    public const string Columns = "id, user_id, title, format, size_bytes, uploaded_at, deleted_at, due_at, duration_seconds, inspected_at, playable, reason, codec";

    public static Video ToVideo(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetGuid(1), r.GetString(2), (VideoFormat)r.GetInt16(3), r.GetInt64(4), r.GetMoment(5),
        r.IsDBNull(6) ? null : r.GetMoment(6), r.IsDBNull(7) ? null : r.GetMoment(7), r.IsDBNull(8) ? null : r.GetDouble(8),
        r.IsDBNull(9) ? null : r.GetMoment(9), r.IsDBNull(10) ? null : r.GetBoolean(10), r.IsDBNull(11) ? null : r.GetString(11), r.IsDBNull(12) ? null : r.GetString(12));

    /// <param name="sql">Selects <see cref="Columns"/> of those before ($1, $2), at most $3; its further parameters follow.</param>
    /// <param name="sort">The column that they are sorted by.</param>
    public static async Task<VideoPage> PageAsync(
        NpgsqlDataSource pool, string sql, int sort, PageCursor? before, int limit, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        var (at, id) = before is { } last ? (PostgresReads.FromMicroseconds(last.Sort), last.Id) : (PostgresReads.Latest, Guid.Empty);
        var rows = await pool.Command(sql, [Value(at), Value(id), Value(limit + 1), .. parameters]).ReadAsync(
            Store, r => (Row: ToVideo(r), Key: new PageCursor(r.GetMoment(sort).ToMicroseconds(), r.GetGuid(0))), cancellationToken);
        return Paging.Page(rows, limit, (videos, next) => new VideoPage(videos, next));
    }
}
