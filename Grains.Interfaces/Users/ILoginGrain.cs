namespace Streaming.Users;

/// <summary>
/// Log-ins to the account of one e-mail, whether there is one or not: an answer and its timing do not tell. The key is
/// <see cref="EmailAddress.Key"/>. It remembers failures by the address they came from, and makes each address wait
/// longer after each; other addresses are not held up by them, so nobody can lock another out.
/// </summary>
[Alias("login")]
public interface ILoginGrain : IGrainWithStringKey
{
    /// <param name="cancellationToken">Ends when the client has gone: its password is not checked then.</param>
    [Alias("log-in")]
    Task<LoginResult> LogInAsync(LoginAttempt attempt, CancellationToken cancellationToken = default);
}

/// <param name="Address">The client's network address, for the delays only.</param>
/// <param name="Device">What the client says that it is, for the list of sessions; at most 200 characters.</param>
[GenerateSerializer, Immutable, Alias("login-attempt")]
public sealed record LoginAttempt(
    [property: Id(0)] string Email,
    [property: Id(1)] string Password,
    [property: Id(2)] string Address,
    [property: Id(3)] string? Device)
{
    public override string ToString() => nameof(LoginAttempt);
}

public enum LoginStatus
{
    LoggedIn,

    /// <summary>No such account, or another password.</summary>
    Invalid,

    /// <summary>The right password of an account that is banned.</summary>
    Banned,

    /// <summary>Too many failures from this address; nothing was checked.</summary>
    TooManyFailures,

    /// <summary>Too many passwords wait to be checked; nothing was checked.</summary>
    Busy,
}

/// <param name="Grant">Null unless logged in.</param>
/// <param name="UserId">The account, where the password was right; null otherwise.</param>
/// <param name="RetryAfter">When another try makes sense; zero unless it was not checked.</param>
[GenerateSerializer, Immutable, Alias("login-result")]
public sealed record LoginResult(
    [property: Id(0)] LoginStatus Status,
    [property: Id(1)] SessionGrant? Grant,
    [property: Id(2)] Guid? UserId,
    [property: Id(3)] TimeSpan RetryAfter);
