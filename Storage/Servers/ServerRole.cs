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

    public Task GrantAsync(IEnumerable<PublishedTable> tables, CancellationToken cancellationToken) =>
        connection.ExecuteSilentlyAsync(Grants(tables), cancellationToken);

    private IEnumerable<string> Grants(IEnumerable<PublishedTable> tables) =>
    [
        $"GRANT CONNECT ON DATABASE {Identifier(connection.Database)} TO {Identifier(Name)}",
        $"GRANT USAGE ON SCHEMA public TO {Identifier(Name)}",
        .. tables.Select(table => $"GRANT SELECT ({table.Columns}) ON public.{Identifier(table.Name)} TO {Identifier(Name)}"),
    ];
}

/// <param name="Columns">Names with commas between.</param>
internal sealed record PublishedTable(string Name, string Columns);
