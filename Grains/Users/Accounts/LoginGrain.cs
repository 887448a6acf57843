using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Streaming.Users;

/// <summary>
/// Reentrant, or attempts of one address would hold up those of another. Any e-mail makes an activation, so one lives
/// only for as long as it has failures to remember; each of those has cost a hash, which bounds their number.
/// </summary>
[Reentrant, CollectionAgeLimit(Minutes = 2)]
internal sealed class LoginGrain(
    IAccountStore accounts,
    ISessionStore sessions,
    PasswordHashing hashing,
    IOptions<AccountOptions> options,
    TimeProvider time) : Grain, ILoginGrain
{
    private const int MaxDeviceLength = 200;
    private static readonly TimeSpan BusyRetry = TimeSpan.FromSeconds(2);

    private readonly LoginDelays delays = new(options.Value, time);

    public async Task<LoginResult> LogInAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        var address = LoginDelays.AddressOf(attempt.Address);
        var wait = delays.Begin(address);
        if (wait > TimeSpan.Zero)
            return new LoginResult(LoginStatus.TooManyFailures, null, null, wait);

        LoginResult? result = null;
        try
        {
            return result = await CheckAsync(attempt, cancellationToken);
        }
        finally
        {
            if (result is { UserId: not null })
                delays.Succeeded(address);
            else if (result is not { Status: LoginStatus.Invalid })
                delays.Revert(address);

            DelayDeactivation(delays.Lifetime);
        }
    }

    /// <summary>
    /// Without an account, or for one without a password, the same steps are taken as for a wrong password: one read by
    /// e-mail, then one check of a hash in the same queue, of a fixed hash made with the same parameters. Everything else
    /// comes after the right password. What stays: a hash from before <see cref="AccountOptions.HashIterations"/> was
    /// raised is checked faster until its owner logs in.
    /// </summary>
    private async Task<LoginResult> CheckAsync(LoginAttempt attempt, CancellationToken cancellationToken)
    {
        // A crowd that is told to come back costs no store a read.
        if (hashing.IsFull)
            return new LoginResult(LoginStatus.Busy, null, null, BusyRetry);

        var found = await accounts.FindCredentialsAsync(attempt.Email, cancellationToken);
        var check = await hashing.VerifyAsync(found?.PasswordHash, attempt.Password, cancellationToken);
        if (check == PasswordCheck.Busy)
            return new LoginResult(LoginStatus.Busy, null, null, BusyRetry);

        if (check == PasswordCheck.Wrong || found is not { PasswordHash: { } hash, Account: var account })
            return new LoginResult(LoginStatus.Invalid, null, null, TimeSpan.Zero);

        if (account.BannedAt is not null)
            return Banned(account);

        if (check == PasswordCheck.RightButOld)
            hash = await HashAnewAsync(account.UserId, attempt.Password, hash);

        if (await GrantAsync(account, hash, attempt.Device) is { } grant)
            return new LoginResult(LoginStatus.LoggedIn, grant, account.UserId, TimeSpan.Zero);

        // Something happened to the account while its password was checked.
        return await accounts.FindAsync(account.UserId, cancellationToken) is { BannedAt: null }
            ? new LoginResult(LoginStatus.Busy, null, null, BusyRetry)
            : Banned(account);
    }

    /// <summary>The hash that holds now. Where there is no time for another, the next log-in makes it.</summary>
    private async Task<string> HashAnewAsync(Guid userId, string password, string old) =>
        hashing.IsIdle && await hashing.HashAsync(password, CancellationToken.None) is { } hash
            && await accounts.SetPasswordAsync(userId, hash, old, CancellationToken.None)
                ? hash
                : old;

    /// <summary>Null when the account was banned or removed, or got another password, while its password was checked.</summary>
    private async Task<SessionGrant?> GrantAsync(Account account, string passwordHash, string? device)
    {
        var token = Secret.New();
        var expiresAt = time.GetUtcNow().AddDays(options.Value.RefreshTokenDays);
        var session = new NewSession(
            Guid.NewGuid(), account.UserId, passwordHash, Secret.Hash(token), expiresAt, device?.Length > MaxDeviceLength ? device[..MaxDeviceLength] : device);
        // What it ends beyond the limit is told to the fronts when the access grain reads next; that is not awaited.
        return await sessions.AddAsync(session, options.Value.MaxSessions, CancellationToken.None)
            ? new SessionGrant(account, session.SessionId, token, expiresAt)
            : null;
    }

    private static LoginResult Banned(Account account) => new(LoginStatus.Banned, null, account.UserId, TimeSpan.Zero);
}
