using Npgsql;

namespace Streaming.Storage.Servers;

/// <summary>What the setup steps share.</summary>
internal static class SetupCommands
{
    private const int MaxIdentifier = 63;

    // All that would write a statement, and so the password in it, to the server's log.
    private const string KeepOutOfLogs = """
        SELECT set_config(name, value, true)
        FROM (VALUES ('log_statement', 'none'), ('log_min_error_statement', 'panic'), ('log_min_duration_statement', '-1'),
                     ('log_min_duration_sample', '-1'), ('log_transaction_sample_rate', '0'), ('pg_stat_statements.track_utility', 'off'))
             AS setting (name, value)
        WHERE current_setting('is_superuser') = 'on'
        """;

    /// <summary>
    /// The name of a role or a slot: these belong to a whole cluster of databases, so their names say for which one they
    /// are, in the characters that a slot's name may have.
    /// </summary>
    public static string NameFor(string purpose, NpgsqlConnection connection)
    {
        var database = connection.Database.ToLowerInvariant();
        var name = $"{purpose}_{string.Concat(database.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'))}";
        return name[..Math.Min(name.Length, MaxIdentifier)];
    }

    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));

        return rows;
    }

    public static async Task<string?> TextAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] parameters) =>
        (await connection.ListAsync(sql, r => r.GetString(0), cancellationToken, parameters)).SingleOrDefault();

    public static async Task ExecuteAsync(this NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs statements in one transaction and without a trace in the server's log.</summary>
    public static async Task ExecuteSilentlyAsync(
        this NpgsqlConnection connection, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var statement in statements.Prepend(KeepOutOfLogs))
            await connection.ExecuteAsync(statement, cancellationToken);

        await transaction.CommitAsync(cancellationToken);
    }

    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>libpq's name of it; null where libpq's own choice is the same.</summary>
    public static string? SslModeOf(NpgsqlConnection connection) => new NpgsqlConnectionStringBuilder(connection.ConnectionString).SslMode switch
    {
        SslMode.Require => "require",
        SslMode.VerifyCA => "verify-ca",
        SslMode.VerifyFull => "verify-full",
        _ => null,
    };

    public static StartupException Failed(string what, NpgsqlException e) => new(
        $"{what} cannot be set up ({PostgresErrors.Reason(e)}). It takes servers that reach each other and superusers, or Storage:Migrate off and an administrator.", e);
}
