using Npgsql;

namespace Streaming.Tests.Storage;

/// <summary>The tables of a server's database, past the stores.</summary>
internal static class ServerTables
{
    // A time-out of the connection is meant for single statements.
    private const int TimeoutSeconds = 60;

    /// <summary>All tables of ours but the record of migrations, those that others refer to last; and whether it is a Citus.</summary>
    private const string SelectTables = """
        SELECT format('%I.%I', n.nspname, c.relname), EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'auth')
          AND c.relname NOT IN ('schema_migrations', 'kept_journal')
          AND NOT c.relispartition
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        ORDER BY EXISTS (SELECT 1 FROM pg_constraint k WHERE k.contype = 'f' AND k.confrelid = c.oid)
        """;

    public static async Task EmptyAsync(NpgsqlDataSource database)
    {
        var (tables, isCitus) = (new List<string>(), false);
        await using (var select = database.CreateCommand(SelectTables))
        {
            await using var reader = await select.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
                isCitus = reader.GetBoolean(1);
            }
        }

        // On Citus each shard of each table would get new files, which takes seconds; few have any rows.
        if (isCitus)
            await RunAsync(database, [.. tables.Select(table => ($"DELETE FROM {table}", Array.Empty<object?>()))]);
        else if (tables.Count > 0)
            await RunAsync(database, ($"TRUNCATE {string.Join(", ", tables)}", []));
    }

    /// <summary>One transaction; sequential on Citus, because some of the tables are reference tables.</summary>
    public static async Task RunAsync(NpgsqlDataSource database, params (string Sql, object?[] Values)[] statements)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = TimeoutSeconds };
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL citus.multi_shard_modify_mode TO 'sequential'"));
        foreach (var (sql, values) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }
}
