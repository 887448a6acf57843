using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Streaming.Users;

/// <summary>Holds nothing, so as many may run as are asked.</summary>
[StatelessWorker, Reentrant]
internal sealed class AccountsGrain(
    IAccountStore accounts,
    ISessionStore sessions,
    PasswordHashing hashing,
    RevocationNotifier revocations,
    IOptions<AccountOptions> options,
    TimeProvider time) : Grain, IAccountsGrain
{
    private const int MaxPage = 200;

    public Task<RegisterResult> RegisterAsync(Registration registration, CancellationToken cancellationToken) =>
        AddAsync(registration, AccountRole.User, cancellationToken);

    public async Task<FirstAdministratorStatus> AddFirstAdministratorAsync(Registration registration) =>
        await hashing.HashAsync(registration.Password, CancellationToken.None) is { } hash
            ? await accounts.AddFirstAdministratorAsync(registration.ToAccount(AccountRole.Admin, hash), CancellationToken.None)
            : FirstAdministratorStatus.Busy;

    public Task<RegisterResult> AddAdministratorAsync(Registration registration) => AddAsync(registration, AccountRole.Admin, CancellationToken.None);

    public Task<AccountPage> ListAsync(AccountFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        accounts.ListAsync(filter, after, Math.Clamp(limit, 1, MaxPage), cancellationToken);

    public async Task<RefreshResult> RefreshAsync(string refreshToken)
    {
        var next = Secret.New();
        var expiresAt = time.GetUtcNow().AddDays(options.Value.RefreshTokenDays);
        var rotation = await sessions.RotateAsync(
            Secret.Hash(refreshToken), new NextToken(Secret.Hash(next), SealedToken.Seal(next, refreshToken), expiresAt),
            TimeSpan.FromSeconds(options.Value.RefreshGraceSeconds), CancellationToken.None);
        if (rotation.Status == RotationStatus.Reused)
        {
            await revocations.NotifyAsync();
            return new RefreshResult(RefreshStatus.Reused, null, rotation.UserId);
        }

        if (rotation is { Status: RotationStatus.Repeated, Next: { } taken })
            (next, expiresAt) = (SealedToken.Open(taken.Sealed, refreshToken), taken.ExpiresAt);

        if (rotation is not { Status: RotationStatus.Rotated or RotationStatus.Repeated, UserId: { } userId, SessionId: { } sessionId })
            return new RefreshResult(RefreshStatus.Invalid, null, rotation.UserId);

        // Read after the token was taken: what is granted is the role of now.
        return await accounts.FindAsync(userId, CancellationToken.None) switch
        {
            null => new RefreshResult(RefreshStatus.Invalid, null, userId),
            { BannedAt: not null } => new RefreshResult(RefreshStatus.Banned, null, userId),
            var account => new RefreshResult(RefreshStatus.Refreshed, new SessionGrant(account, sessionId, next, expiresAt), userId),
        };
    }

    private async Task<RegisterResult> AddAsync(Registration registration, AccountRole role, CancellationToken cancellationToken)
    {
        if (await hashing.HashAsync(registration.Password, cancellationToken) is not { } hash)
            return new RegisterResult(RegisterStatus.Busy, null);

        var account = registration.ToAccount(role, hash);
        return await accounts.AddAsync(account, CancellationToken.None)
            ? new RegisterResult(RegisterStatus.Registered, account.UserId)
            : new RegisterResult(RegisterStatus.EmailTaken, null);
    }
}

internal static class Registrations
{
    public static NewAccount ToAccount(this Registration registration, AccountRole role, string passwordHash) =>
        new(Guid.NewGuid(), registration.Email, registration.Username, role, passwordHash);
}
