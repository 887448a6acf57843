using System.Collections.Immutable;

namespace Streaming.Users;

/// <summary>What an account may do beyond what is its own. In the stores and in tokens by its lower-case name.</summary>
public enum AccountRole
{
    User,
    Admin,
}

public enum AccountChangeStatus
{
    Changed,
    UnknownAccount,

    /// <summary>Nothing was changed: no administrator would be left who is not banned.</summary>
    LastAdministrator,
}

/// <summary>An account without anything secret.</summary>
/// <param name="Username">A display name; not unique.</param>
/// <param name="BannedAt">Null unless it is banned now.</param>
[GenerateSerializer, Immutable, Alias("account-row")]
public sealed record Account(
    [property: Id(0)] Guid UserId,
    [property: Id(1)] string Email,
    [property: Id(2)] string Username,
    [property: Id(3)] AccountRole Role,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] DateTimeOffset? BannedAt);

/// <param name="Next">Cursor of the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("account-page")]
public sealed record AccountPage([property: Id(0)] ImmutableArray<Account> Accounts, [property: Id(1)] PageCursor? Next);

/// <summary>Which accounts a list shows; a null condition is none.</summary>
/// <param name="Search">A part of the e-mail or of the username, without regard to case.</param>
[GenerateSerializer, Immutable, Alias("account-filter")]
public sealed record AccountFilter(
    [property: Id(0)] string? Search = null,
    [property: Id(1)] AccountRole? Role = null,
    [property: Id(2)] bool? Banned = null);

/// <summary>A log-in somewhere: a family of refresh tokens of which one at a time is good.</summary>
/// <param name="Device">What the client said that it is; null when it said nothing.</param>
/// <param name="ExpiresAt">When its newest refresh token ends.</param>
[GenerateSerializer, Immutable, Alias("session-info")]
public sealed record SessionInfo(
    [property: Id(0)] Guid SessionId,
    [property: Id(1)] string? Device,
    [property: Id(2)] DateTimeOffset CreatedAt,
    [property: Id(3)] DateTimeOffset LastUsedAt,
    [property: Id(4)] DateTimeOffset ExpiresAt);

/// <summary>What a front makes an access token of, with the refresh token that goes with it.</summary>
/// <param name="RefreshToken">Told once; the store holds its hash.</param>
[GenerateSerializer, Immutable, Alias("session-grant")]
public sealed record SessionGrant(
    [property: Id(0)] Account Account,
    [property: Id(1)] Guid SessionId,
    [property: Id(2)] string RefreshToken,
    [property: Id(3)] DateTimeOffset RefreshExpiresAt)
{
    // A record prints its properties, and this one must not reach a log by it.
    public override string ToString() => $"{nameof(SessionGrant)} {SessionId}";
}
