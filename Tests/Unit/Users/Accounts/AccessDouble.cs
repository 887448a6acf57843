using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>A double: a real store that a test can take away, and which notes what it was asked to forget.</summary>
internal sealed class AccessDouble(IAccessStore store) : IAccessStore
{
    private int reads;

    public bool Away { get; set; }

    /// <summary>Gives no answer before its caller gives up.</summary>
    public bool Hangs { get; set; }

    public int Reads => Volatile.Read(ref reads);

    private IAccessStore Store => Away ? throw new StoreUnavailableException("The accounts are away.", new IOException()) : store;

    public async Task<DateTimeOffset> GetTimeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref reads);
        if (Hangs)
            await Task.Delay(Timeout.Infinite, cancellationToken);

        return await Store.GetTimeAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<AccessChange>> ListChangesAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        await Store.ListChangesAsync(since, after, limit, cancellationToken);

    public async Task<IReadOnlyList<AccessChange>> ListBlockedAsync(
        DateTimeOffset since, PageCursor? after, int limit, CancellationToken cancellationToken) =>
        await Store.ListBlockedAsync(since, after, limit, cancellationToken);

    public async Task<int> ForgetChangesAsync(DateTimeOffset before, DateTimeOffset blockedBefore, CancellationToken cancellationToken) =>
        await Store.ForgetChangesAsync(before, blockedBefore, cancellationToken);

    public async Task<bool> AddKeyAsync(ApiKey key, byte[] hash, int maxKeys, CancellationToken cancellationToken) =>
        await Store.AddKeyAsync(key, hash, maxKeys, cancellationToken);

    public async Task<IReadOnlyList<StoredApiKey>> ListKeysAsync(int revoked, CancellationToken cancellationToken) =>
        await Store.ListKeysAsync(revoked, cancellationToken);

    public async Task<bool> RevokeKeyAsync(Guid keyId, CancellationToken cancellationToken) => await Store.RevokeKeyAsync(keyId, cancellationToken);
}
