using System.Net.Sockets;
using Npgsql;
using NpgsqlTypes;

namespace Streaming.Storage.Servers;

internal static class PostgresCommands
{
    /// <summary>Opens a connection for one write. Where that fails, nothing was written.</summary>
    /// <exception cref="StoreRefusedException">The server cannot be reached.</exception>
    public static NpgsqlConnection OpenToWrite(this NpgsqlDataSource pool, string store)
    {
        try
        {
            return pool.OpenConnection();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            throw new StoreRefusedException($"{store} cannot be reached; nothing was written.", e);
        }
    }

    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);

        return command;
    }

    /// <summary>One statement more in the batch's one round trip.</summary>
    public static NpgsqlBatch With(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);

        batch.BatchCommands.Add(command);
        return batch;
    }

    public static NpgsqlCommand Command(this NpgsqlDataSource pool, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = pool.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);

        return command;
    }

    public static async Task<List<T>> QueryAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await reader.ReadAllAsync(read, cancellationToken);
        }
    }

    /// <summary>The rest of one statement's rows.</summary>
    public static async Task<List<T>> ReadAllAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));

        return rows;
    }

    public static string? GetText(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static async Task<int> ExecuteAsync(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
            return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A parameter of the type that .NET's stands for; arrays too.</summary>
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    public static NpgsqlParameter Null(NpgsqlDbType type) => new() { Value = DBNull.Value, NpgsqlDbType = type };
}
