using System.Collections.Immutable;

namespace Streaming.Users;

/// <summary>
/// What fronts must know of revocations (and of what takes them back) to check a token or an API key without a call: what has changed since the oldest token
/// that may still be good was made. Each front asks every few seconds. One activation; its key is always 0.
/// </summary>
[Alias("access")]
public interface IAccessGrain : IGrainWithIntegerKey
{
    /// <summary>What changed after <paramref name="after"/>; everything when that is null or of another activation.</summary>
    [Alias("get")]
    Task<AccessUpdate> GetAsync(AccessVersion? after);

    /// <summary>Tells that the store has changed; a call of <see cref="GetAsync"/> after this completes returns the change.</summary>
    [Alias("changed")]
    Task ChangedAsync();
}

/// <param name="Activation">Random, of one activation.</param>
[GenerateSerializer, Immutable, Alias("access-version")]
public sealed record AccessVersion([property: Id(0)] Guid Activation, [property: Id(1)] long Number);

/// <param name="IsWhole">Whether it takes the place of all that was told before, instead of adding to it.</param>
/// <param name="HasMore">Whether to ask again at once: an answer has at most 10,000 entries.</param>
[GenerateSerializer, Immutable, Alias("access-update")]
public sealed record AccessUpdate(
    [property: Id(0)] AccessVersion Version,
    [property: Id(1)] bool IsWhole,
    [property: Id(2)] bool HasMore,
    [property: Id(3)] ImmutableArray<AccessChange> Changes,
    [property: Id(4)] ImmutableArray<ApiKeyAccess> Keys);

public enum AccessSubject
{
    Account,
    Session,
}

/// <summary>How an account or a session stands; the latest one holds. It matters for as long as a token from before it may live.</summary>
/// <param name="IsBlocked">Tokens of it are refused.</param>
/// <param name="Role">An account's role, which holds instead of the one in its tokens; null for a session.</param>
[GenerateSerializer, Immutable, Alias("access-change")]
public sealed record AccessChange(
    [property: Id(0)] AccessSubject Subject,
    [property: Id(1)] Guid Id,
    [property: Id(2)] bool IsBlocked,
    [property: Id(3)] AccountRole? Role,
    [property: Id(4)] DateTimeOffset ChangedAt);

/// <summary>An API key as fronts know it.</summary>
/// <param name="Hash">SHA-256 of its secret, 32 bytes.</param>
/// <param name="IsRevoked">It is good no longer.</param>
[GenerateSerializer, Immutable, Alias("api-key-access")]
public sealed record ApiKeyAccess([property: Id(0)] Guid KeyId, [property: Id(1)] byte[] Hash, [property: Id(2)] bool IsRevoked);
