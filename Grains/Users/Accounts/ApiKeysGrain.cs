using System.Collections.Immutable;

namespace Streaming.Users;

internal sealed class ApiKeysGrain(IAccessStore store, RevocationNotifier revocations, TimeProvider time) : Grain, IApiKeysGrain
{
    private const int RevokedShown = 100;

    public async Task<NewApiKey?> AddAsync(string name, Guid madeBy)
    {
        var secret = Secret.New(Secret.ApiKeyPrefix);
        // The stores keep milliseconds.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var key = new ApiKey(Guid.NewGuid(), name, madeBy, now, null);
        if (!await store.AddKeyAsync(key, Secret.Hash(secret), IApiKeysGrain.MaxKeys, CancellationToken.None))
            return null;

        await revocations.NotifyAsync();
        return new NewApiKey(key, secret);
    }

    public async Task<ImmutableArray<ApiKey>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListKeysAsync(RevokedShown, cancellationToken)).Select(stored => stored.Key)];

    public async Task<bool> RevokeAsync(Guid keyId)
    {
        if (!await store.RevokeKeyAsync(keyId, CancellationToken.None))
            return false;

        await revocations.NotifyAsync();
        return true;
    }
}
