using Npgsql;

namespace Streaming.Tests.Storage;

/// <summary>The tables of a server's database, past the stores.</summary>
internal static class ServerTables
{
    /// <summary>All tables of ours but the record of migrations.</summary>
    private const string SelectTables = """
        SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'auth')
          AND c.relname NOT IN ('schema_migrations', 'kept_journal')
          AND NOT c.relispartition
          AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

    public static async Task EmptyAsync(NpgsqlDataSource database)
    {
        await using var select = database.CreateCommand(SelectTables);
        if (await select.ExecuteScalarAsync() is not string tables)
            return;

        await RunAsync(database, ($"TRUNCATE {tables}", []));
    }

    /// <summary>One transaction; sequential on Citus, because some of the tables are reference tables.</summary>
    public static async Task RunAsync(NpgsqlDataSource database, params (string Sql, object?[] Values)[] statements)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction);
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
