using Microsoft.Data.Sqlite;

namespace Streaming.Storage.Embedded;

/// <summary>Commands with named parameters, and the column forms of the embedded family's files.</summary>
internal static class SqliteCommands
{
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);

        return command;
    }

    public static int Execute(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    public static long? Scalar(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteScalar() is long value ? value : null;
    }

    public static List<T> Query<T>(
        this SqliteConnection connection, Func<SqliteDataReader, T> map, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(map(reader));

        return rows;
    }

    /// <summary>The blob form of an id: big-endian, so that blobs sort as the ids' text does.</summary>
    public static byte[] ToBlob(this Guid id) => id.ToByteArray(bigEndian: true);

    public static Guid GetId(this SqliteDataReader reader, int column)
    {
        Span<byte> bytes = stackalloc byte[16];
        using var stream = reader.GetStream(column);
        stream.ReadExactly(bytes);
        return new Guid(bytes, bigEndian: true);
    }

    public static DateTimeOffset GetMoment(this SqliteDataReader reader, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));

    public static string? GetText(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>A JSON array of the ids' hexadecimal blobs, for <c>IN (SELECT unhex(value) FROM json_each($ids))</c>.</summary>
    public static string ToJsonArray(this IEnumerable<Guid> ids) =>
        "[" + string.Join(',', ids.Select(id => $"\"{Convert.ToHexString(id.ToBlob())}\"")) + "]";
}
