namespace Streaming.Users;

/// <summary>Sessions and their refresh tokens, which are held as SHA-256 hashes.</summary>
public interface ISessionStore
{
    /// <summary>
    /// Adds a session with its first token; ends those of the account beyond <paramref name="maxSessions"/>, used longest ago first.
    /// False when the account is banned or gone, or has another password, which may have happened since its password was
    /// checked; nothing was added.
    /// </summary>
    Task<bool> AddAsync(NewSession session, int maxSessions, CancellationToken cancellationToken);

    /// <summary>
    /// Takes a token for the next one, atomically: of concurrent calls with one token one gets <see cref="RotationStatus.Rotated"/>.
    /// The others, and whoever comes within <paramref name="grace"/> after it, get the one that was taken
    /// (<see cref="RotationStatus.Repeated"/>), though it was used since. Any other reuse ends the session, which is recorded
    /// for the fronts.
    /// </summary>
    Task<Rotation> RotateAsync(byte[] tokenHash, NextToken successor, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Sessions that can still be refreshed, last used first.</summary>
    Task<IReadOnlyList<SessionInfo>> ListAsync(Guid userId, int limit, CancellationToken cancellationToken);

    /// <summary>Ends one session of the account and records it for the fronts. False when the account has no such session that can be refreshed.</summary>
    Task<bool> EndAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken);

    /// <summary>Ends all of the account's sessions but one, and records them for the fronts.</summary>
    Task EndAllAsync(Guid userId, Guid? except, CancellationToken cancellationToken);

    /// <summary>Removes sessions that ended or expired <paramref name="before"/>, a bounded number; returns how many.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken);
}

/// <param name="PasswordHash">The one that the log-in was checked by: whoever changes the password ends the sessions that are there.</param>
public sealed record NewSession(
    Guid SessionId, Guid UserId, string PasswordHash, byte[] TokenHash, DateTimeOffset ExpiresAt, string? Device)
{
    public override string ToString() => $"{nameof(NewSession)} {SessionId}";
}

/// <param name="Sealed">The token itself, as only who has the one before can read it.</param>
public sealed record NextToken(byte[] Hash, byte[] Sealed, DateTimeOffset ExpiresAt)
{
    public override string ToString() => nameof(NextToken);
}

public enum RotationStatus
{
    Rotated,

    /// <summary>It was used a moment ago; the answer has the token that it was taken for.</summary>
    Repeated,

    /// <summary>Unknown, expired, or of a session that was ended.</summary>
    Invalid,

    /// <summary>It was used before; the session was ended.</summary>
    Reused,
}

/// <param name="UserId">Whose session it is; null when the token is unknown.</param>
/// <param name="SessionId">The same.</param>
/// <param name="Next">What the token was taken for before; null unless repeated.</param>
public readonly record struct Rotation(RotationStatus Status, Guid? UserId, Guid? SessionId, NextToken? Next = null);
