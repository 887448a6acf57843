using System.Security.Cryptography;
using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>What the suites of accounts, sessions and access share. Moments are asked of the clock that stamps them.</summary>
public abstract class AccountsContract(StoreFixture fixture) : StoreContract(fixture)
{
    protected static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(30);

    protected IAccountStore Accounts => Fixture.Accounts;

    protected ISessionStore Sessions => Fixture.Sessions;

    protected IAccessStore Access => Fixture.Access;

    protected Task<DateTimeOffset> TimeAsync() => Access.GetTimeAsync(Cancel);

    protected NewAccount NewAccount(string email)
    {
        var id = Samples.Id();
        return new NewAccount(id, email, "somebody", AccountRole.User, PasswordHash(id));
    }

    protected static string PasswordHash(Guid user) => $"hash of {user}";

    protected async Task<NewAccount> AddAccountAsync(string? email = null)
    {
        var account = NewAccount(email ?? $"{Samples.Id():N}@example.com");
        Assert.True(await Accounts.AddAsync(account, Cancel));
        return account;
    }

    protected byte[] Hash() => SHA256.HashData(Samples.Id().ToByteArray());

    protected async Task<NewSession> NewSessionAsync(Guid user, string? device = null) =>
        new(Samples.Id(), user, PasswordHash(user), Hash(), await TimeAsync() + TokenLifetime, device);

    protected async Task<NewSession> AddSessionAsync(Guid user, int maxSessions = 100)
    {
        var session = await NewSessionAsync(user);
        Assert.True(await Sessions.AddAsync(session, maxSessions, Cancel));
        return session;
    }

    protected async Task<NextToken> NextAsync() => new(Hash(), Hash(), await TimeAsync() + TokenLifetime);

    protected async Task<Rotation> RotateAsync(NewSession session, TimeSpan grace = default) =>
        await Sessions.RotateAsync(session.TokenHash, await NextAsync(), grace, Cancel);

    protected Task<IReadOnlyList<AccessChange>> ChangesAsync() => Access.ListChangesAsync(DateTimeOffset.UnixEpoch, null, 1_000, Cancel);
}
