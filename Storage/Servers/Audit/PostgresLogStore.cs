using Npgsql;
using Streaming.Audit;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresLogStore(ServerConnections connections) : ILogStore
{
    private const string Store = "The analytics database";
    private const int RowsPerStep = 1_000;

    // The change of an account that is gone outlives it.
    private const string SelectRemoved = """
        SELECT id FROM auth.access_changes
        WHERE subject = 'account' AND is_blocked AND id = ANY ($1) AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = id)
        """;

    // In the order of the ids, so that two attempts at the same entries do not block each other.
    private const string InsertEntries = """
        INSERT INTO logs (id, user_id, action_type, description, service_name, created_at, is_client_reported, about_id)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) ORDER BY 1 ON CONFLICT DO NOTHING
        """;

    public Task AddAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(Store, async () =>
    {
        await using var connection = await connections.Analytics.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var removed = await SelectRemovedAsync(connection, transaction, entries, cancellationToken);
        List<LogEntry> rows = [.. entries.Select(entry => entry.Without(removed))];
        await using var command = connection.Command(
            InsertEntries,
            Column(rows, e => e.Id),
            Column(rows, e => e.UserId),
            Column(rows, e => e.ActionType),
            Column(rows, e => e.Description),
            Column(rows, e => e.ServiceName),
            Column(rows, e => e.CreatedAt.ToUniversalTime()),
            Column(rows, e => e.IsClientReported),
            Column(rows, e => e.AboutId));
        await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return entries.Count;
    });

    /// <summary>With the lock that a removal waits for, before it looks for entries that are there.</summary>
    private static async Task<HashSet<Guid>> SelectRemovedAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken)
    {
        Guid[] named = [.. entries.SelectMany(entry => (Guid?[])[entry.UserId, entry.AboutId]).OfType<Guid>().Distinct()];
        if (named.Length == 0)
            return [];

        await using var batch = new NpgsqlBatch(connection, transaction).With(PostgresAccessChanges.LockLogs).With(SelectRemoved, Value(named));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return [.. await reader.ReadAllAsync(r => r.GetGuid(0), cancellationToken)];
    }

    private static NpgsqlParameter Column<T>(IReadOnlyList<LogEntry> entries, Func<LogEntry, T> value) =>
        Value(entries.Select(value).ToArray());

    private const string SelectEntries = """
        SELECT id, user_id, action_type, description, service_name, created_at, is_client_reported, about_id FROM logs
        """;

    private const string NewestFirst = "ORDER BY created_at DESC, id DESC";

    public async Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken)
    {
        var conditions = new Conditions(filter, before);
        var rows = await connections.Analytics
            .Command($"{SelectEntries} {conditions.Where} {NewestFirst} LIMIT {conditions.Add(Value(limit + 1))}", [.. conditions.Values])
            .ReadAsync(
                Store,
                reader => (Row: ToEntry(reader), Key: new PageCursor(ToMicroseconds(reader.GetMoment(5)), reader.GetGuid(0))),
                cancellationToken);
        return Paging.Page(rows, limit, (entries, next) => new LogPage(entries, next));
    }

    public Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken) =>
        PostgresErrors.ReadAsync(Store, async cancel =>
        {
            var counted = new Conditions(filter);
            var listed = new Conditions(filter);
            await using var connection = await connections.Analytics.OpenConnectionAsync(cancel);
            await using var batch = new NpgsqlBatch(connection)
                .With($"SELECT count(*) FROM logs {counted.Where}", [.. counted.Values])
                .With(
                    $"{SelectEntries} {listed.Where} {NewestFirst} LIMIT {listed.Add(Value(limit))} OFFSET {listed.Add(Value(skip))}",
                    [.. listed.Values]);
            await using var reader = await batch.ExecuteReaderAsync(cancel);
            var total = (await reader.ReadAllAsync(r => r.GetInt64(0), cancel)).Single();
            await reader.NextResultAsync(cancel);
            return new CountedLogs([.. await reader.ReadAllAsync(ToEntry, cancel)], total);
        }, cancellationToken);

    private static LogEntry ToEntry(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.IsDBNull(1) ? null : r.GetGuid(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetMoment(5), r.GetBoolean(6),
        r.IsDBNull(7) ? null : r.GetGuid(7));

    private static long ToMicroseconds(DateTimeOffset moment) => (moment - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    // Descriptions of the platform's own may name the user by the id; what clients wrote may do so anywhere, in either case and without hyphens.
    private const string Anonymise = """
        UPDATE logs SET user_id = nullif(user_id, $2), about_id = nullif(about_id, $2),
            description = CASE WHEN is_client_reported THEN '' ELSE replace(description, $1, '[removed]') END,
            action_type = CASE WHEN is_client_reported AND strpos(lower(replace(action_type, '-', '')), replace($1, '-', '')) > 0 THEN '[removed]' ELSE action_type END,
            service_name = CASE WHEN is_client_reported AND strpos(lower(replace(service_name, '-', '')), replace($1, '-', '')) > 0 THEN '[removed]' ELSE service_name END
        WHERE id IN (SELECT id FROM logs WHERE user_id = $2 OR about_id = $2 LIMIT $3 FOR UPDATE)
        """;

    public async Task AnonymiseAsync(Guid userId, CancellationToken cancellationToken)
    {
        int changed;
        do
        {
            changed = await PostgresErrors.WriteAsync(
                Store,
                () => connections.Analytics.Command(Anonymise, Value(userId.ToString()), Value(userId), Value(RowsPerStep)).ExecuteAsync(cancellationToken));
        }
        while (changed > 0);
    }

    // What another silo removes at this moment is left to it.
    private const string DeleteOldest = """
        DELETE FROM logs WHERE id IN (
            SELECT id FROM logs WHERE created_at < $1 ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED)
        """;

    public Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        () => connections.Analytics.Command(DeleteOldest, Value(before.ToUniversalTime()), Value(RowsPerStep)).ExecuteAsync(cancellationToken));

    /// <summary>Only the conditions that are there: each combination has a plan of its own, over the index that fits.</summary>
    private sealed class Conditions
    {
        private static readonly DateTimeOffset Latest = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

        private readonly List<string> conditions = [];

        public Conditions(LogFilter filter, PageCursor? before = null)
        {
            if (filter.UserId is { } user)
                conditions.Add($"user_id = {Add(Value(user))}");

            if (filter.From is { } from)
                conditions.Add($"created_at >= {Add(Value(Ceiling(from)))}");

            if (filter.To is { } to)
                conditions.Add($"created_at < {Add(Value(Ceiling(to)))}");

            if (filter.ActionType is { } action)
                conditions.Add($"action_type = {Add(Value(action))}");

            if (filter.ServiceName is { } service)
                conditions.Add($"service_name = {Add(Value(service))}");

            if (before is { } cursor)
                conditions.Add($"(created_at, id) < ({Add(Value(ToMoment(cursor.Sort)))}, {Add(Value(cursor.Id))})");
        }

        public List<NpgsqlParameter> Values { get; } = [];

        public string Where => conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);

        /// <returns>The parameter's place in the text.</returns>
        public string Add(NpgsqlParameter value)
        {
            Values.Add(value);
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"${Values.Count}");
        }

        /// <summary>The first whole microsecond that is not before it: a parameter's ticks would be cut off.</summary>
        private static DateTimeOffset Ceiling(DateTimeOffset moment) => moment < Latest
            ? new DateTimeOffset((moment.UtcTicks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero)
            : Latest;

        /// <summary>The nearest moment there is: a cursor may be forged.</summary>
        private static DateTimeOffset ToMoment(long microseconds) =>
            DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(microseconds, 0, ToMicroseconds(Latest)) * TimeSpan.TicksPerMicrosecond);
    }
}
