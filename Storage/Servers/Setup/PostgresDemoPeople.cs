using Npgsql;
using Streaming.Storage.Demo;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>Users and what they watched, in one transaction, beside what an earlier try or anybody else left. Arrays, because COPY knows no ON CONFLICT.</summary>
internal static class PostgresDemoPeople
{
    private const int Batch = 5_000;

    /// <returns>Demo people who are not there, because somebody else has their e-mail address; their rows are left out.</returns>
    public static async Task<IReadOnlySet<Guid>> FillAsync(NpgsqlConnection connection, DemoData data, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var absent = new HashSet<Guid>();
        foreach (var people in data.People().Chunk(Batch))
            absent.UnionWith(await InsertAsync(connection, people, cancellationToken));

        foreach (var sessions in data.Sessions().Chunk(Batch))
            await InsertAsync(connection, sessions, cancellationToken);

        await transaction.CommitAsync(cancellationToken);
        return absent;
    }

    private const string InsertPeople = """
        INSERT INTO users (user_id, username, email, registration_date)
        SELECT * FROM unnest($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """;

    private const string SelectAbsent = "SELECT id FROM unnest($1) id WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id = id)";

    private static async Task<List<Guid>> InsertAsync(NpgsqlConnection connection, DemoPerson[] people, CancellationToken cancellationToken)
    {
        var ids = people.Select(person => person.Id).ToArray();
        await connection.Command(
            InsertPeople,
            Value(ids),
            Value(people.Select(person => person.Name).ToArray()),
            Value(people.Select(person => person.Email).ToArray()),
            Value(people.Select(person => person.RegisteredAt).ToArray())).ExecuteAsync(cancellationToken);
        return await connection.Command(SelectAbsent, Value(ids)).QueryAsync(r => r.GetGuid(0), cancellationToken);
    }

    private const string InsertSessions = """
        INSERT INTO user_watch_history
            (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds, view_recorded)
        SELECT s.history_id, s.user_id, s.content_id, s.watched_at, s.seconds, s.seconds, true
        FROM unnest($1, $2, $3, $4, $5) AS s (history_id, user_id, content_id, watched_at, seconds)
        JOIN users u ON u.user_id = s.user_id
        ON CONFLICT DO NOTHING
        """;

    private static Task<int> InsertAsync(NpgsqlConnection connection, DemoSession[] sessions, CancellationToken cancellationToken) => connection.Command(
        InsertSessions,
        Value(sessions.Select(session => session.Id).ToArray()),
        Value(sessions.Select(session => session.UserId).ToArray()),
        Value(sessions.Select(session => session.ContentId).ToArray()),
        Value(sessions.Select(session => session.WatchedAt).ToArray()),
        Value(sessions.Select(session => session.Seconds).ToArray())).ExecuteAsync(cancellationToken);
}
