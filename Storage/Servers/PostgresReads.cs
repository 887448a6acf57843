using Npgsql;

namespace Streaming.Storage.Servers;

internal static class PostgresReads
{
    /// <summary>The rows of a page; its failure says that the store cannot be read.</summary>
    /// <exception cref="StoreUnavailableException">No answer, or an error.</exception>
    public static Task<List<T>> ReadAsync<T>(
        this NpgsqlCommand command, string store, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) =>
        PostgresErrors.ReadAsync(store, () => command.QueryAsync(read, cancellationToken));

    public static DateTimeOffset GetMoment(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);
}
