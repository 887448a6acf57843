using Npgsql;
using NpgsqlTypes;
using Streaming.Users;
using static Streaming.Storage.Servers.PostgresAccessChanges;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// On the master alone. The statements of a batch are one transaction, and each sees what was committed before it began:
/// the first locks, the next sees what others did before they let go.
/// </summary>
internal sealed class PostgresAccountStore(ServerConnections connections) : IAccountStore
{
    private const string Store = "The analytics database";
    private const string Columns = "u.user_id, u.email, u.username, u.role, u.registration_date, u.banned_at";

    private const string InsertAccount = """
        WITH added AS (
            INSERT INTO users (user_id, username, email, email_key, registration_date, role) VALUES ($1, $2, $3, $6, now(), $4)
            ON CONFLICT DO NOTHING
            RETURNING user_id
        )
        INSERT INTO auth.credentials (user_id, password_hash, changed_at) SELECT user_id, $5, now() FROM added
        """;

    public Task<bool> AddAsync(NewAccount account, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        async () => await connections.Analytics.Command(InsertAccount, ToParameters(account, account.Role)).ExecuteAsync(cancellationToken) > 0);

    private const string InsertFirstAdministrator = """
        WITH present AS (SELECT 1 FROM users WHERE role = 'admin' AND banned_at IS NULL LIMIT 1),
        added AS (
            INSERT INTO users (user_id, username, email, email_key, registration_date, role)
            SELECT $1, $2, $3, $6, now(), $4 WHERE NOT EXISTS (SELECT 1 FROM present)
            ON CONFLICT DO NOTHING
            RETURNING user_id
        ),
        credentials AS (
            INSERT INTO auth.credentials (user_id, password_hash, changed_at) SELECT user_id, $5, now() FROM added
        )
        SELECT EXISTS (SELECT 1 FROM present), EXISTS (SELECT 1 FROM added)
        """;

    public Task<FirstAdministratorStatus> AddFirstAdministratorAsync(NewAccount account, CancellationToken cancellationToken) =>
        PostgresErrors.WriteAsync(Store, async () =>
        {
            await using var batch = connections.Analytics.CreateBatch()
                .With(LockAdministrators)
                .With(InsertFirstAdministrator, ToParameters(account, AccountRole.Admin));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            var (isThere, isAdded) = (await reader.ReadAllAsync(r => (r.GetBoolean(0), r.GetBoolean(1)), cancellationToken)).Single();
            return isThere ? FirstAdministratorStatus.ThereIsOne : isAdded ? FirstAdministratorStatus.Added : FirstAdministratorStatus.EmailTaken;
        });

    private static NpgsqlParameter[] ToParameters(NewAccount account, AccountRole role) =>
    [
        Value(account.UserId), Value(account.Username), Value(account.Email), Value(role.ToColumn()), Value(account.PasswordHash),
        Value(EmailAddress.Normalize(account.Email)),
    ];

    private const string SelectAccount = $"SELECT {Columns} FROM users u WHERE u.user_id = $1";

    public async Task<Account?> FindAsync(Guid userId, CancellationToken cancellationToken) =>
        (await connections.Analytics.Command(SelectAccount, Value(userId)).ReadAsync(Store, ToAccount, cancellationToken)).SingleOrDefault();

    private const string SelectByEmail = $"""
        SELECT {Columns}, c.password_hash FROM users u LEFT JOIN auth.credentials c USING (user_id)
        WHERE u.email_key = $2 OR lower(u.email) = lower($1)
        ORDER BY lower(u.email) = lower($1) DESC LIMIT 1
        """;

    public async Task<Credentials?> FindCredentialsAsync(string email, CancellationToken cancellationToken) =>
        (await connections.Analytics.Command(SelectByEmail, Value(email), Value(EmailAddress.Normalize(email))).ReadAsync(Store, ToCredentials, cancellationToken)).SingleOrDefault();

    private const string SelectById = $"""
        SELECT {Columns}, c.password_hash FROM users u LEFT JOIN auth.credentials c USING (user_id) WHERE u.user_id = $1
        """;

    public async Task<Credentials?> FindCredentialsAsync(Guid userId, CancellationToken cancellationToken) =>
        (await connections.Analytics.Command(SelectById, Value(userId)).ReadAsync(Store, ToCredentials, cancellationToken)).SingleOrDefault();

    private const string UpdatePassword = """
        UPDATE auth.credentials SET password_hash = $2, changed_at = now() WHERE user_id = $1 AND password_hash = $3
        """;

    public Task<bool> SetPasswordAsync(Guid userId, string passwordHash, string replaced, CancellationToken cancellationToken) =>
        PostgresErrors.WriteAsync(
            Store,
            async () => await connections.Analytics.Command(UpdatePassword, Value(userId), Value(passwordHash), Value(replaced))
                .ExecuteAsync(cancellationToken) > 0);

    private const string UpdateRole = $"""
        WITH account AS (
            UPDATE users SET role = $2 WHERE user_id = $1 RETURNING user_id, role, banned_at IS NOT NULL AS is_blocked
        )
        {RecordAccount}
        """;

    public Task<AccountChangeStatus> SetRoleAsync(Guid userId, AccountRole role, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        SelectToChange,
        takesAdministrator: role != AccountRole.Admin,
        batch =>
        {
            batch.With(UpdateRole, Value(userId), Value(role.ToColumn()));
            if (role != AccountRole.Admin)
                batch.With(RevokeKeys, Value(userId));
        },
        cancellationToken);

    // A ban that is repeated keeps its time.
    private const string UpdateBan = $"""
        WITH account AS (
            UPDATE users SET banned_at = CASE WHEN $2 THEN coalesce(banned_at, now()) END WHERE user_id = $1
            RETURNING user_id, role, banned_at IS NOT NULL AS is_blocked
        )
        {RecordAccount}
        """;

    public Task<AccountChangeStatus> SetBannedAsync(Guid userId, bool banned, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        SelectToChange,
        takesAdministrator: banned,
        batch =>
        {
            batch.With(UpdateBan, Value(userId), Value(banned));
            if (banned)
                batch.With(EndSessions, Value(userId), Null(NpgsqlDbType.Uuid)).With(RevokeKeys, Value(userId));
        },
        cancellationToken);

    private const string SelectLast = """
        SELECT role = 'admin' AND banned_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM users other WHERE other.role = 'admin' AND other.banned_at IS NULL AND other.user_id <> $1)
        FROM users WHERE user_id = $1
        """;

    // Weak enough for foreign keys.
    private const string SelectToChange = $"{SelectLast} FOR NO KEY UPDATE";

    // So that nothing new hangs on it.
    private const string SelectToRemove = $"{SelectLast} FOR UPDATE";

    /// <summary>Changes of administrators wait for each other, or two would each find that the other stays.</summary>
    private Task<AccountChangeStatus> ChangeAsync(
        Guid userId, string select, bool takesAdministrator, Action<NpgsqlBatch> change, CancellationToken cancellationToken) =>
        PostgresErrors.WriteAsync(Store, async () =>
        {
            await using var connection = await connections.Analytics.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using (var batch = new NpgsqlBatch(connection, transaction).With(LockAdministrators).With(select, Value(userId)))
            {
                await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
                await reader.NextResultAsync(cancellationToken);
                var found = await reader.ReadAllAsync(r => r.GetBoolean(0), cancellationToken);
                if (found is not [var isLast])
                    return AccountChangeStatus.UnknownAccount;

                if (isLast && takesAdministrator)
                    return AccountChangeStatus.LastAdministrator;
            }

            await using (var batch = new NpgsqlBatch(connection, transaction))
            {
                change(batch);
                await batch.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return AccountChangeStatus.Changed;
        });

    public async Task<AccountPage> ListAsync(AccountFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var (at, id) = after is { } last ? (PostgresReads.FromMicroseconds(last.Sort), last.Id) : (PostgresReads.Latest, Guid.Empty);
        var rows = await connections.Analytics
            .Command(
                SelectPage(filter),
                filter.Search is { } part ? Value(AccountRoles.ToPattern(part)) : Null(NpgsqlDbType.Text),
                Value(at), Value(id), Value(limit + 1))
            .ReadAsync(
                Store, r => (Row: ToAccount(r), Key: new PageCursor(r.GetMoment(4).ToMicroseconds(), r.GetGuid(0))), cancellationToken);
        return Paging.Page(rows, limit, (accounts, next) => new AccountPage(accounts, next));
    }

    // Conditions stand in the text, so that the indexes of administrators and of the banned are used.
    private static string SelectPage(AccountFilter filter) => $"""
        SELECT {Columns} FROM users u
        WHERE (u.registration_date, u.user_id) < ($2, $3)
          AND {(filter.Role is { } role ? $"u.role = '{role.ToColumn()}'" : "true")}
          AND {(filter.Banned is { } banned ? banned ? "u.banned_at IS NOT NULL" : "u.banned_at IS NULL" : "true")}
          AND ($1 IS NULL OR u.email ILIKE $1 ESCAPE '\' OR u.username ILIKE $1 ESCAPE '\')
        ORDER BY u.registration_date DESC, u.user_id DESC LIMIT $4
        """;

    private const string RecordRemoval = $"""
        WITH account AS (SELECT user_id, role, true AS is_blocked FROM users WHERE user_id = $1)
        {RecordAccount}
        """;

    public Task<AccountChangeStatus> RemoveAsync(Guid userId, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        SelectToRemove,
        takesAdministrator: true,
        batch => batch
            .With(RecordRemoval, Value(userId))
            .With(RevokeKeys, Value(userId))
            .With("UPDATE auth.api_keys SET made_by = NULL WHERE made_by = $1", Value(userId))
            .With("DELETE FROM resume_positions WHERE user_id = $1", Value(userId))
            .With("DELETE FROM user_watch_history WHERE user_id = $1", Value(userId))
            .With("DELETE FROM users WHERE user_id = $1", Value(userId))
            .With(LockOutLogs),
        cancellationToken);

    private static Account ToAccount(NpgsqlDataReader r) => new(
        r.GetGuid(0), r.GetString(1), r.GetString(2), AccountRoles.FromColumn(r.GetString(3)), r.GetMoment(4), r.IsDBNull(5) ? null : r.GetMoment(5));

    private static Credentials ToCredentials(NpgsqlDataReader r) => new(ToAccount(r), r.GetText(6));
}
