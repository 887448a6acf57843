using Microsoft.Data.Sqlite;
using Streaming.Users;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteAccountStore(EmbeddedDatabase database, TimeProvider time) : IAccountStore
{
    private const string Columns = "u.user_id, u.email, u.username, u.role, u.registration_date, u.banned_at";

    private const string InsertUser = """
        INSERT INTO users (user_id, username, email, email_key, registration_date, role) VALUES ($user, $name, $email, $key, $now, $role)
        ON CONFLICT DO NOTHING
        """;

    private const string InsertCredentials = """
        INSERT INTO auth_credentials (user_id, password_hash, changed_at) VALUES ($user, $hash, $now)
        """;

    public Task<bool> AddAsync(NewAccount account, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(c => Add(c, account), cancellationToken);

    private bool Add(SqliteConnection connection, NewAccount account)
    {
        var (user, now) = (account.UserId.ToBlob(), Now);
        var added = connection.Execute(
            InsertUser,
            ("$user", user), ("$name", account.Username), ("$email", account.Email), ("$key", EmailAddress.Normalize(account.Email)), ("$now", now),
            ("$role", account.Role.ToColumn()));
        if (added == 0)
            return false;

        connection.Execute(InsertCredentials, ("$user", user), ("$hash", account.PasswordHash), ("$now", now));
        return true;
    }

    public Task<FirstAdministratorStatus> AddFirstAdministratorAsync(NewAccount account, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(
            c =>
            {
                if (c.Scalar("SELECT 1 FROM users WHERE role = 'admin' AND banned_at IS NULL LIMIT 1") is not null)
                    return FirstAdministratorStatus.ThereIsOne;

                return Add(c, account with { Role = AccountRole.Admin }) ? FirstAdministratorStatus.Added : FirstAdministratorStatus.EmailTaken;
            },
            cancellationToken);

    private const string SelectAccount = $"SELECT {Columns} FROM users u WHERE u.user_id = $user";

    public Task<Account?> FindAsync(Guid userId, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => c.Query(ToAccount, SelectAccount, ("$user", userId.ToBlob())).SingleOrDefault(), cancellationToken);

    private const string SelectByEmail = $"""
        SELECT {Columns}, c.password_hash FROM users u LEFT JOIN auth_credentials c USING (user_id)
        WHERE u.email_key = $key OR u.email = $email
        ORDER BY u.email = $email DESC LIMIT 1
        """;

    public Task<Credentials?> FindCredentialsAsync(string email, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => c.Query(ToCredentials, SelectByEmail, ("$email", email), ("$key", EmailAddress.Normalize(email))).SingleOrDefault(), cancellationToken);

    private const string SelectById = $"""
        SELECT {Columns}, c.password_hash FROM users u LEFT JOIN auth_credentials c USING (user_id) WHERE u.user_id = $user
        """;

    public Task<Credentials?> FindCredentialsAsync(Guid userId, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => c.Query(ToCredentials, SelectById, ("$user", userId.ToBlob())).SingleOrDefault(), cancellationToken);

    private const string UpdatePassword = """
        UPDATE auth_credentials SET password_hash = $hash, changed_at = $now WHERE user_id = $user AND password_hash = $replaced
        """;

    public Task<bool> SetPasswordAsync(Guid userId, string passwordHash, string replaced, CancellationToken cancellationToken) =>
        database.Analytics.WriteAsync(
            c => c.Execute(UpdatePassword, ("$user", userId.ToBlob()), ("$hash", passwordHash), ("$replaced", replaced), ("$now", Now)) > 0,
            cancellationToken);

    private const string UpdateRole = "UPDATE users SET role = $role WHERE user_id = $user";

    public Task<AccountChangeStatus> SetRoleAsync(Guid userId, AccountRole role, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        takesAdministrator: role != AccountRole.Admin,
        (c, now) =>
        {
            c.Execute(UpdateRole, ("$user", userId.ToBlob()), ("$role", role.ToColumn()));
            c.RecordAccount(userId, now);
            if (role != AccountRole.Admin)
                c.RevokeKeys(userId, now);
        },
        cancellationToken);

    // A ban that is repeated keeps its time.
    private const string UpdateBan = """
        UPDATE users SET banned_at = CASE WHEN $banned THEN coalesce(banned_at, $now) END WHERE user_id = $user
        """;

    public Task<AccountChangeStatus> SetBannedAsync(Guid userId, bool banned, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        takesAdministrator: banned,
        (c, now) =>
        {
            c.Execute(UpdateBan, ("$user", userId.ToBlob()), ("$banned", banned), ("$now", now));
            c.RecordAccount(userId, now);
            if (!banned)
                return;

            c.EndSessions(userId, now);
            c.RevokeKeys(userId, now);
        },
        cancellationToken);

    private const string SelectLast = """
        SELECT role = 'admin' AND banned_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM users other WHERE other.role = 'admin' AND other.banned_at IS NULL AND other.user_id <> $user)
        FROM users WHERE user_id = $user
        """;

    private Task<AccountChangeStatus> ChangeAsync(
        Guid userId, bool takesAdministrator, Action<SqliteConnection, long> change, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c =>
        {
            if (c.Scalar(SelectLast, ("$user", userId.ToBlob())) is not { } isLast)
                return AccountChangeStatus.UnknownAccount;

            if (isLast != 0 && takesAdministrator)
                return AccountChangeStatus.LastAdministrator;

            change(c, Now);
            return AccountChangeStatus.Changed;
        },
        cancellationToken);

    public Task<AccountPage> ListAsync(AccountFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        database.Analytics.ReadAsync(
            c => Paging.Page(
                c.Query(
                    reader => (Row: ToAccount(reader), Key: new PageCursor(reader.GetInt64(4), reader.GetId(0))),
                    SelectPage(filter),
                    ("$pattern", filter.Search is { } part ? AccountRoles.ToPattern(part) : null),
                    ("$at", after?.Sort), ("$id", after?.Id.ToBlob()), ("$limit", limit)),
                limit,
                (rows, next) => new AccountPage(rows, next)),
            cancellationToken);

    // Conditions stand in the text, so that the indexes of administrators and of the banned are used.
    private static string SelectPage(AccountFilter filter) => $"""
        SELECT {Columns} FROM users u
        WHERE ($at IS NULL OR (u.registration_date, u.user_id) < ($at, $id))
          AND {(filter.Role is { } role ? $"u.role = '{role.ToColumn()}'" : "true")}
          AND {(filter.Banned is { } banned ? banned ? "u.banned_at IS NOT NULL" : "u.banned_at IS NULL" : "true")}
          AND ($pattern IS NULL OR u.email LIKE $pattern ESCAPE '\' OR u.username LIKE $pattern ESCAPE '\')
        ORDER BY u.registration_date DESC, u.user_id DESC LIMIT $limit + 1
        """;

    private const string Delete = """
        UPDATE auth_api_keys SET made_by = NULL WHERE made_by = $user;
        DELETE FROM resume_positions WHERE user_id = $user;
        DELETE FROM user_watch_history WHERE user_id = $user;
        DELETE FROM users WHERE user_id = $user
        """;

    public Task<AccountChangeStatus> RemoveAsync(Guid userId, CancellationToken cancellationToken) => ChangeAsync(
        userId,
        takesAdministrator: true,
        (c, now) =>
        {
            c.RecordAccount(userId, now, isGone: true);
            c.RevokeKeys(userId, now);
            c.Execute(Delete, ("$user", userId.ToBlob()));
        },
        cancellationToken);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static Account ToAccount(SqliteDataReader r) => new(
        r.GetId(0), r.GetString(1), r.GetString(2), AccountRoles.FromColumn(r.GetString(3)), r.GetMoment(4), r.IsDBNull(5) ? null : r.GetMoment(5));

    private static Credentials ToCredentials(SqliteDataReader r) => new(ToAccount(r), r.GetText(6));
}
