using System.Collections.Immutable;

namespace Streaming.Users;

/// <summary>
/// Keys of programs that record views in bulk (role <c>collector</c>). One is revoked when who made it is banned, deleted, or an
/// administrator no longer. Its key is always 0.
/// </summary>
[Alias("api-keys")]
public interface IApiKeysGrain : IGrainWithIntegerKey
{
    /// <summary>There are no more keys that are good than these.</summary>
    const int MaxKeys = 1_000;

    /// <summary>Makes a key; null when there are <see cref="MaxKeys"/>, or when the account was banned, deleted or demoted meanwhile.</summary>
    /// <param name="name">What it is for, 1 to 100 characters.</param>
    [Alias("add")]
    Task<NewApiKey?> AddAsync(string name, Guid madeBy);

    /// <summary>All that are good, newest first, and the last 100 that were revoked.</summary>
    [Alias("list")]
    Task<ImmutableArray<ApiKey>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>False when there is no such key. Revoking it again changes nothing.</summary>
    [Alias("revoke")]
    Task<bool> RevokeAsync(Guid keyId);
}

/// <param name="MadeBy">A user id; null when the account is gone.</param>
[GenerateSerializer, Immutable, Alias("api-key")]
public sealed record ApiKey(
    [property: Id(0)] Guid KeyId,
    [property: Id(1)] string Name,
    [property: Id(2)] Guid? MadeBy,
    [property: Id(3)] DateTimeOffset CreatedAt,
    [property: Id(4)] DateTimeOffset? RevokedAt);

/// <param name="Secret">What a client sends as <c>Authorization: ApiKey …</c>; told once, the store holds its hash.</param>
[GenerateSerializer, Immutable, Alias("new-api-key")]
public sealed record NewApiKey([property: Id(0)] ApiKey Key, [property: Id(1)] string Secret)
{
    public override string ToString() => $"{nameof(NewApiKey)} {Key.KeyId}";
}
