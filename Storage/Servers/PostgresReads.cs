using Npgsql;

namespace Streaming.Storage.Servers;

internal static class PostgresReads
{
    /// <summary>The rows of a page; its failure says that the store cannot be read.</summary>
    /// <exception cref="StoreUnavailableException">No answer, or an error.</exception>
    public static Task<List<T>> ReadAsync<T>(
        this NpgsqlCommand command, string store, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        PostgresErrors.ReadAsync(store, cancel => command.QueryAsync(read, cancel), cancellationToken);

    public static DateTimeOffset GetMoment(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    /// <summary>After all that is stored.</summary>
    public static readonly DateTimeOffset Latest = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A moment in a cursor, since 1970.</summary>
    public static long ToMicroseconds(this DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The nearest moment there is: a cursor may be forged.</summary>
    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(microseconds, 0, Latest.ToMicroseconds()) * TimeSpan.TicksPerMicrosecond);
}
