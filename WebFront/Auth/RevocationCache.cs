using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Streaming.Users;

namespace Streaming.WebFront.Auth;

/// <summary>
/// What the cluster has told of accounts, sessions and API keys since the oldest token that may be good was made, in memory.
/// One thread applies updates, any may ask.
/// </summary>
internal sealed class RevocationCache(TimeProvider time)
{
    /// <summary>Knowledge older than this is not trusted.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(60);

    private volatile State? known;
    private State? pending;

    /// <summary>False until the cluster has told everything, and when it has told nothing for a minute.</summary>
    public bool IsFresh => known is { } state && time.GetElapsedTime(Volatile.Read(ref state.ConfirmedAt)) <= MaxAge;

    /// <summary>Whose token it is, as things are now; null when the account or the session is not let in.</summary>
    public Caller.User? FindCaller(AccessToken token) => FindCaller(token.UserId, token.Email, token.Role, token.SessionId);

    /// <inheritdoc cref="FindCaller(AccessToken)"/>
    public Caller.User? FindCaller(Guid userId, string email, AccountRole role, Guid sessionId)
    {
        if (known is not { } state || (state.Sessions.TryGetValue(sessionId, out var session) && session.IsBlocked))
            return null;

        if (!state.Accounts.TryGetValue(userId, out var account))
            return new Caller.User(userId, email, role, sessionId);

        return account.IsBlocked ? null : new Caller.User(userId, email, account.Role ?? role, sessionId);
    }

    /// <summary>Whether the account is neither banned nor gone; false before anything is known.</summary>
    public bool IsLetIn(Guid userId) => known is { } state && !(state.Accounts.TryGetValue(userId, out var account) && account.IsBlocked);

    /// <summary>The owner of an API key, by SHA-256 of its secret; null when it is unknown or revoked.</summary>
    public Caller.Collector? FindKey(ReadOnlySpan<byte> hash) =>
        known is { } state && state.Keys.TryGetValue(new KeyHash(hash), out var id) ? new Caller.Collector(id) : null;

    /// <summary>Takes an answer of <see cref="IAccessGrain.GetAsync"/>, those of one version chain in their order.</summary>
    public void Apply(AccessUpdate update)
    {
        // What is told in several answers counts from the last one on.
        var state = update.IsWhole ? new State() : pending ?? known ?? new State();
        foreach (var change in update.Changes)
            (change.Subject == AccessSubject.Account ? state.Accounts : state.Sessions)[change.Id] = change;

        foreach (var key in update.Keys)
        {
            if (key.IsRevoked)
                state.Keys.TryRemove(new KeyHash(key.Hash), out _);
            else
                state.Keys[new KeyHash(key.Hash)] = key.KeyId;
        }

        if (update.HasMore)
        {
            pending = state;
            return;
        }

        pending = null;
        Volatile.Write(ref state.ConfirmedAt, time.GetTimestamp());
        known = state;
    }

    /// <summary>Forgets what no living token can be from before, and of blocked accounts no URL of media.</summary>
    public void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var changes in known is { } state ? [state.Accounts, state.Sessions] : Array.Empty<ConcurrentDictionary<Guid, AccessChange>>())
        {
            foreach (var (id, change) in changes)
            {
                var lifetime = change is { Subject: AccessSubject.Account, IsBlocked: true } ? AccountOptions.BlockLifetime : AccountOptions.AccessChangeLifetime;
                if (change.ChangedAt < now - lifetime)
                    changes.TryRemove(id, out _);
            }
        }
    }

    private sealed class State
    {
        public long ConfirmedAt;

        public ConcurrentDictionary<Guid, AccessChange> Accounts { get; } = [];

        public ConcurrentDictionary<Guid, AccessChange> Sessions { get; } = [];

        public ConcurrentDictionary<KeyHash, Guid> Keys { get; } = [];
    }

    private readonly record struct KeyHash(UInt128 High, UInt128 Low)
    {
        public KeyHash(ReadOnlySpan<byte> sha256)
            : this(MemoryMarshal.Read<UInt128>(sha256), MemoryMarshal.Read<UInt128>(sha256[16..]))
        {
        }
    }
}
