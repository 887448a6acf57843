namespace Streaming.Users;

/// <summary>What concerns no account yet, or all of them. A stateless worker; its key is always 0.</summary>
[Alias("accounts")]
public interface IAccountsGrain : IGrainWithIntegerKey
{
    /// <param name="cancellationToken">Ends when the client has gone: its password is not hashed then, and no account is made.</param>
    [Alias("register")]
    Task<RegisterResult> RegisterAsync(Registration registration, CancellationToken cancellationToken = default);

    /// <summary>
    /// Makes an administrator when there is none at all. An existing account is never promoted: its e-mail is taken then.
    /// Safe to call from many fronts at once.
    /// </summary>
    [Alias("add-first-administrator")]
    Task<FirstAdministratorStatus> AddFirstAdministratorAsync(Registration registration);

    /// <summary>Makes an administrator, whoever there is. For the command on the operator's own machine.</summary>
    [Alias("add-administrator")]
    Task<RegisterResult> AddAdministratorAsync(Registration registration);

    /// <summary>Accounts, newest first, those after <paramref name="after"/>; at most 200.</summary>
    [Alias("list")]
    Task<AccountPage> ListAsync(AccountFilter filter, PageCursor? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Another refresh token, and what a new access token is made of, for a refresh token that was not used yet; the same one again
    /// within <see cref="AccountOptions.RefreshGraceSeconds"/>.
    /// </summary>
    [Alias("refresh")]
    Task<RefreshResult> RefreshAsync(string refreshToken);
}

/// <param name="Password">Of a length that the caller has checked.</param>
[GenerateSerializer, Immutable, Alias("registration")]
public sealed record Registration(
    [property: Id(0)] string Email, [property: Id(1)] string Password, [property: Id(2)] string Username)
{
    public override string ToString() => nameof(Registration);
}

public enum RegisterStatus
{
    Registered,
    EmailTaken,

    /// <summary>Too many passwords wait to be hashed; nothing was done.</summary>
    Busy,
}

/// <param name="UserId">The new account; null unless registered.</param>
[GenerateSerializer, Immutable, Alias("register-result")]
public sealed record RegisterResult([property: Id(0)] RegisterStatus Status, [property: Id(1)] Guid? UserId);

public enum FirstAdministratorStatus
{
    Added,
    ThereIsOne,
    EmailTaken,

    /// <summary>Too many passwords wait to be hashed; nothing was done.</summary>
    Busy,
}

public enum RefreshStatus
{
    Refreshed,

    /// <summary>Unknown, expired, or of a session that was ended.</summary>
    Invalid,

    /// <summary>It was used before: somebody has a copy, and the whole session was ended.</summary>
    Reused,

    Banned,
}

/// <param name="Grant">Null unless refreshed.</param>
/// <param name="UserId">Whose it is, where that is known; null otherwise.</param>
[GenerateSerializer, Immutable, Alias("refresh-result")]
public sealed record RefreshResult(
    [property: Id(0)] RefreshStatus Status, [property: Id(1)] SessionGrant? Grant, [property: Id(2)] Guid? UserId);
