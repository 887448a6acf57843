using Microsoft.Data.Sqlite;
using Streaming.Audit;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteLogStore(EmbeddedDatabase database) : ILogStore
{
    private const int RowsPerStep = 1_000;

    private const string InsertEntry = """
        INSERT INTO logs (id, user_id, action_type, description, service_name, created_at, is_client_reported, about_id)
        VALUES ($id, $user, $action, $description, $service, $at, $reported, $about) ON CONFLICT DO NOTHING
        """;

    // The change of an account that is gone outlives it.
    private const string SelectRemoved = """
        SELECT 1 FROM auth_access_changes
        WHERE subject = 'account' AND is_blocked AND id = $id AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = $id)
        """;

    public Task AddAsync(IReadOnlyList<LogEntry> entries, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        connection =>
        {
            var named = entries.SelectMany(entry => (Guid?[])[entry.UserId, entry.AboutId]).OfType<Guid>().Distinct();
            var removed = named.Where(id => connection.Scalar(SelectRemoved, ("$id", id.ToBlob())) is not null).ToHashSet();
            foreach (var entry in entries.Select(entry => entry.Without(removed)))
            {
                connection.Execute(
                    InsertEntry,
                    ("$id", entry.Id.ToBlob()), ("$user", entry.UserId?.ToBlob()), ("$action", entry.ActionType),
                    ("$description", entry.Description), ("$service", entry.ServiceName),
                    ("$at", entry.CreatedAt.ToUnixTimeMilliseconds()), ("$reported", entry.IsClientReported),
                    ("$about", entry.AboutId?.ToBlob()));
            }

            return entries.Count;
        },
        cancellationToken);

    private const string SelectEntries = """
        SELECT id, user_id, action_type, description, service_name, created_at, is_client_reported, about_id FROM logs
        """;

    private const string NewestFirst = "ORDER BY created_at DESC, id DESC LIMIT $limit";

    public Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Paging.Page(
                c.Query(
                    reader => (Row: ToEntry(reader), Key: new PageCursor(reader.GetInt64(5), reader.GetId(0))),
                    $"{SelectEntries} {Where(filter, before)} {NewestFirst} + 1",
                    [.. Values(filter, before), ("$limit", limit)]),
                limit,
                (entries, next) => new LogPage(entries, next)),
            cancellationToken);

    public Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c =>
            {
                // Both of one moment.
                using var transaction = c.BeginTransaction(deferred: true);
                var where = Where(filter, before: null);
                var total = c.Scalar($"SELECT count(*) FROM logs {where}", [.. Values(filter, before: null)])!.Value;
                var entries = skip >= total
                    ? []
                    : c.Query(
                        ToEntry, $"{SelectEntries} {where} {NewestFirst} OFFSET $skip",
                        [.. Values(filter, before: null), ("$limit", limit), ("$skip", skip)]);
                return new CountedLogs([.. entries], total);
            },
            cancellationToken);

    /// <summary>Only the conditions that are there: the planner chooses no index for one that may be switched off.</summary>
    private static string Where(LogFilter filter, PageCursor? before)
    {
        List<string> conditions = [];
        if (filter.UserId is not null)
            conditions.Add("user_id = $user");

        if (filter.From is not null)
            conditions.Add("created_at >= $from");

        if (filter.To is not null)
            conditions.Add("created_at < $to");

        if (filter.ActionType is not null)
            conditions.Add("action_type = $action");

        if (filter.ServiceName is not null)
            conditions.Add("service_name = $service");

        if (before is not null)
            conditions.Add("(created_at, id) < ($at, $id)");

        return conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
    }

    private static List<(string Name, object? Value)> Values(LogFilter filter, PageCursor? before) =>
    [
        ("$user", filter.UserId?.ToBlob()), ("$from", Ceiling(filter.From)), ("$to", Ceiling(filter.To)),
        ("$action", filter.ActionType), ("$service", filter.ServiceName), ("$at", before?.Sort), ("$id", before?.Id.ToBlob()),
    ];

    /// <summary>The first whole millisecond that is not before it: entries are of whole ones.</summary>
    private static long? Ceiling(DateTimeOffset? moment) =>
        ((moment?.UtcTicks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond) - (DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond);

    private static LogEntry ToEntry(SqliteDataReader r) => new(
        r.GetId(0), r.IsDBNull(1) ? null : r.GetId(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetMoment(5), r.GetBoolean(6),
        r.IsDBNull(7) ? null : r.GetId(7));

    // Descriptions of the platform's own may name the user by the id; what clients wrote may do so anywhere, in either case and without hyphens.
    private const string Anonymise = """
        UPDATE logs SET user_id = nullif(user_id, $user), about_id = nullif(about_id, $user),
            description = CASE WHEN is_client_reported THEN '' ELSE replace(description, $text, '[removed]') END,
            action_type = CASE WHEN is_client_reported AND instr(lower(replace(action_type, '-', '')), $digits) > 0 THEN '[removed]' ELSE action_type END,
            service_name = CASE WHEN is_client_reported AND instr(lower(replace(service_name, '-', '')), $digits) > 0 THEN '[removed]' ELSE service_name END
        WHERE id IN (SELECT id FROM logs WHERE user_id = $user OR about_id = $user LIMIT $limit)
        """;

    public async Task AnonymiseAsync(Guid userId, CancellationToken cancellationToken)
    {
        int changed;
        do
        {
            changed = await database.Analytics.WriteAsync(
                c => c.Execute(
                    Anonymise, ("$text", userId.ToString()), ("$digits", userId.ToString("N")), ("$user", userId.ToBlob()), ("$limit", RowsPerStep)),
                cancellationToken);
        }
        while (changed > 0);
    }

    private const string DeleteOldest = """
        DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE created_at < $before ORDER BY created_at, id LIMIT $limit)
        """;

    public Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(DeleteOldest, ("$before", Ceiling(before)), ("$limit", RowsPerStep)), cancellationToken);
}
