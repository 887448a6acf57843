using System.Security.Cryptography;
using Npgsql;
using static Streaming.Storage.Servers.SetupCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// A role by which one server uses another. Its password is random, made where the one server that needs it is told, and
/// kept nowhere else.
/// </summary>
internal sealed class ServerRole(string purpose, string attributes, NpgsqlConnection connection)
{
    private const int PasswordCharacters = 48;

    public string Name { get; } = NameFor(purpose, connection);

    private const string SelectRole = "SELECT rolname::text FROM pg_roles WHERE rolname = $1";

    public async Task<bool> ExistsAsync(CancellationToken cancellationToken) =>
        await connection.TextAsync(SelectRole, cancellationToken, Name) is not null;

    /// <summary>Creates it, or gives it a new password; and its rights: to connect, and to read the columns.</summary>
    public async Task<string> MakeAsync(IEnumerable<PublishedTable> tables, CancellationToken cancellationToken)
    {
        var password = RandomNumberGenerator.GetHexString(PasswordCharacters, lowercase: true);
        var verb = await ExistsAsync(cancellationToken) ? "ALTER" : "CREATE";
        await connection.ExecuteSilentlyAsync(
            [$"{verb} ROLE {Identifier(Name)} WITH LOGIN {attributes} PASSWORD {Literal(password)}", .. Grants(tables)], cancellationToken);
        return password;
    }

    private const string SelectClosed = """
        SELECT t.name FROM unnest($2, $3) AS t (name, col)
        WHERE NOT has_column_privilege($1, to_regclass(format('public.%I', t.name)), t.col, 'SELECT') LIMIT 1
        """;

    /// <summary>Gives it what rights it lacks: the database may be a new one in an old cluster.</summary>
    public async Task EnsureGrantedAsync(IReadOnlyCollection<PublishedTable> tables, CancellationToken cancellationToken)
    {
        string[] names = [.. tables.SelectMany(table => table.Columns, (table, _) => table.Name)];
        string[] columns = [.. tables.SelectMany(table => table.Columns)];
        if (await connection.TextAsync(SelectClosed, cancellationToken, Name, names, columns) is not null)
            await connection.ExecuteSilentlyAsync(Grants(tables), cancellationToken);
    }

    private IEnumerable<string> Grants(IEnumerable<PublishedTable> tables) =>
    [
        $"GRANT CONNECT ON DATABASE {Identifier(connection.Database)} TO {Identifier(Name)}",
        $"GRANT USAGE ON SCHEMA public TO {Identifier(Name)}",
        .. tables.Select(table => $"GRANT SELECT ({string.Join(", ", table.Columns.Select(Identifier))}) ON public.{Identifier(table.Name)} TO {Identifier(Name)}"),
    ];
}

/// <summary>Columns of a table that another server may read.</summary>
internal sealed record PublishedTable(string Name, string[] Columns);
