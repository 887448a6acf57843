namespace Streaming.Users;

/// <summary>What fronts must know of accounts, sessions and API keys: see <see cref="IAccessGrain"/>.</summary>
public interface IAccessStore
{
    /// <summary>Now, by the clock that stamps the changes.</summary>
    Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes since <paramref name="since"/>, the latest of each account and session, by time and id, those after
    /// <paramref name="after"/>. A change may appear a little after the time it carries: callers read overlapping times.
    /// </summary>
    /// <param name="after">Of the last change of the page before: the UTC ticks of its time, and its id.</param>
    Task<IReadOnlyList<AccessChange>> ListChangesAsync(DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>The same of accounts that are banned or gone alone.</summary>
    Task<IReadOnlyList<AccessChange>> ListBlockedAsync(DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes changes from before <paramref name="before"/>, a bounded number, and returns how many; of accounts that are gone those from
    /// before <paramref name="blockedBefore"/>, of accounts that are banned now none.
    /// </summary>
    Task<int> ForgetChangesAsync(DateTimeOffset before, DateTimeOffset blockedBefore, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a key; false when there are <paramref name="maxKeys"/> good ones already, or when who makes it was banned, deleted or
    /// demoted, atomically against those.
    /// </summary>
    Task<bool> AddKeyAsync(ApiKey key, byte[] hash, int maxKeys, CancellationToken cancellationToken);

    /// <summary>Good ones, newest first, then the newest <paramref name="revoked"/> revoked ones.</summary>
    Task<IReadOnlyList<StoredApiKey>> ListKeysAsync(int revoked, CancellationToken cancellationToken);

    /// <summary>False when there is no such key; a revoked one keeps its time.</summary>
    Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken);
}

/// <param name="Hash">SHA-256 of the key's secret.</param>
public sealed record StoredApiKey(ApiKey Key, byte[] Hash);
