using System.Collections.Immutable;
using Microsoft.Extensions.Options;

namespace Streaming.Users;

/// <summary>Orders what changes one account. It keeps nothing but failed attempts at changing the password, and so not long.</summary>
[CollectionAgeLimit(Minutes = 2)]
internal sealed class AccountGrain(
    IAccountStore accounts,
    ISessionStore sessions,
    PasswordHashing hashing,
    RevocationNotifier revocations,
    UserDataErasure removal,
    UserDataExport export,
    IOptions<AccountOptions> options,
    TimeProvider time) : Grain, IAccountGrain
{
    private readonly LoginDelays delays = new(options.Value, time);

    private Guid UserId => this.GetPrimaryKey();

    public Task<Account?> GetAsync(CancellationToken cancellationToken) => accounts.FindAsync(UserId, cancellationToken);

    /// <summary>Guesses are held up as at a log-in, by session: a token that was stolen must not tell the password, nor lock its owner out.</summary>
    public async Task<ChangePasswordResult> ChangePasswordAsync(string current, string replacement, Guid keep)
    {
        var session = keep.ToString();
        var wait = delays.Begin(session);
        if (wait > TimeSpan.Zero)
            return new ChangePasswordResult(ChangePasswordStatus.TooManyFailures, wait);

        ChangePasswordStatus? status = null;
        try
        {
            status = await ReplacePasswordAsync(current, replacement, keep);
            return new ChangePasswordResult(status.Value);
        }
        finally
        {
            if (status == ChangePasswordStatus.Changed)
                delays.Succeeded(session);
            else if (status != ChangePasswordStatus.WrongPassword)
                delays.Revert(session);

            DelayDeactivation(delays.Lifetime);
        }
    }

    public Task<AccountChangeStatus> SetRoleAsync(AccountRole role) => ChangeAsync(accounts.SetRoleAsync(UserId, role, CancellationToken.None));

    public Task<AccountChangeStatus> SetBannedAsync(bool banned) => ChangeAsync(accounts.SetBannedAsync(UserId, banned, CancellationToken.None));

    public async Task<ImmutableArray<SessionInfo>> ListSessionsAsync(CancellationToken cancellationToken) =>
        [.. await sessions.ListAsync(UserId, IAccountGrain.MaxSessions, cancellationToken)];

    public async Task<bool> EndSessionAsync(Guid sessionId)
    {
        if (!await sessions.EndAsync(UserId, sessionId, CancellationToken.None))
            return false;

        await revocations.NotifyAsync();
        return true;
    }

    public Task EndSessionsAsync() => EndSessionsAsync(except: null);

    public Task<AccountChangeStatus> DeleteAsync() => removal.RemoveAsync(UserId);

    public Task<ExportPage?> ExportAsync(ExportPart part, PageCursor? after, CancellationToken cancellationToken) =>
        export.ReadAsync(UserId, part, after, cancellationToken);

    private async Task<ChangePasswordStatus> ReplacePasswordAsync(string current, string replacement, Guid keep)
    {
        if (await accounts.FindCredentialsAsync(UserId, CancellationToken.None) is not { } found)
            return ChangePasswordStatus.UnknownAccount;

        var check = await hashing.VerifyAsync(found.PasswordHash, current, CancellationToken.None);
        if (check == PasswordCheck.Busy)
            return ChangePasswordStatus.Busy;

        if (check == PasswordCheck.Wrong || found.PasswordHash is not { } old)
            return ChangePasswordStatus.WrongPassword;

        if (await hashing.HashAsync(replacement, CancellationToken.None) is not { } hash)
            return ChangePasswordStatus.Busy;

        // A log-in may have made the hash anew meanwhile; then a second try finds that one.
        if (!await accounts.SetPasswordAsync(UserId, hash, old, CancellationToken.None))
            return ChangePasswordStatus.Busy;

        await EndSessionsAsync(keep);
        return ChangePasswordStatus.Changed;
    }

    private async Task EndSessionsAsync(Guid? except)
    {
        await sessions.EndAllAsync(UserId, except, CancellationToken.None);
        await revocations.NotifyAsync();
    }

    private async Task<AccountChangeStatus> ChangeAsync(Task<AccountChangeStatus> write)
    {
        var status = await write;
        if (status == AccountChangeStatus.Changed)
            await revocations.NotifyAsync();

        return status;
    }
}
