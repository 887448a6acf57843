namespace Streaming.Users;

/// <summary>Accounts and what lets users in, by user id. An e-mail has one account, by its <see cref="EmailAddress.Normalize">normal form</see>.</summary>
public interface IAccountStore
{
    /// <summary>Adds an account. False when another one has the e-mail; of concurrent calls one wins.</summary>
    Task<bool> AddAsync(NewAccount account, CancellationToken cancellationToken);

    /// <summary>Adds an administrator if there is none who is not banned, atomically against all that add or change one.</summary>
    Task<FirstAdministratorStatus> AddFirstAdministratorAsync(NewAccount account, CancellationToken cancellationToken);

    /// <summary>Null when there is none.</summary>
    Task<Account?> FindAsync(Guid userId, CancellationToken cancellationToken);

    /// <summary>An account with its password's hash, by e-mail in its normal form; null when there is none.</summary>
    Task<Credentials?> FindCredentialsAsync(string email, CancellationToken cancellationToken);

    /// <summary>The same by user id.</summary>
    Task<Credentials?> FindCredentialsAsync(Guid userId, CancellationToken cancellationToken);

    /// <summary>Sets the password's hash where it still is <paramref name="replaced"/>; false otherwise.</summary>
    Task<bool> SetPasswordAsync(Guid userId, string passwordHash, string replaced, CancellationToken cancellationToken);

    /// <summary>
    /// Sets the role, revokes the API keys of who becomes a user, and records the change for the fronts, in one transaction. Of
    /// concurrent calls of this, a ban and a removal none takes the last administrator who is not banned.
    /// </summary>
    Task<AccountChangeStatus> SetRoleAsync(Guid userId, AccountRole role, CancellationToken cancellationToken);

    /// <summary>
    /// Bans or lets in again; at a ban ends all sessions and revokes the API keys that the account made. Records the changes, in one
    /// transaction. Never bans the last administrator.
    /// </summary>
    Task<AccountChangeStatus> SetBannedAsync(Guid userId, bool banned, CancellationToken cancellationToken);

    /// <summary>Accounts by (registration date, user id), newest first, those before <paramref name="after"/>. May not lag.</summary>
    Task<AccountPage> ListAsync(AccountFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the account with its credentials, sessions, history, resume positions, limits and counted downloads, and records
    /// that it is blocked, in one transaction. Its videos are nobody's then, and due to be removed
    /// (<see cref="Videos.IVideoRemovalStore.TakeDueAsync"/>). API keys that it made are revoked and nobody's. Never removes the last
    /// administrator. Callers have emptied a long history before
    /// (<see cref="Viewing.IActivityStore.RemoveAsync"/>): all that is left of it goes at once.
    /// </summary>
    Task<AccountChangeStatus> RemoveAsync(Guid userId, CancellationToken cancellationToken);
}

/// <param name="PasswordHash">As <c>PasswordHasher</c> writes it.</param>
public sealed record NewAccount(Guid UserId, string Email, string Username, AccountRole Role, string PasswordHash);

/// <param name="PasswordHash">Null when the account has no password, and so it cannot be logged in to.</param>
public sealed record Credentials(Account Account, string? PasswordHash)
{
    public override string ToString() => $"{nameof(Credentials)} {Account.UserId}";
}
