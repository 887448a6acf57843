using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using Streaming.WebFront;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Auth;

public sealed class RevocationCacheTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 4, 20, 15, 0, TimeSpan.Zero));
    private readonly RevocationCache cache;
    private readonly AccessToken token = new(Guid.NewGuid(), "ada@example.com", AccountRole.Admin, Guid.NewGuid());

    public RevocationCacheTests() => cache = new RevocationCache(time);

    [Fact]
    public void Nothing_is_known_before_everything_was_told_and_a_minute_after_the_last_answer()
    {
        Assert.False(cache.IsFresh);
        Assert.Null(cache.FindCaller(token));

        cache.Apply(Update(isWhole: true, hasMore: true));
        Assert.False(cache.IsFresh);

        cache.Apply(Update());
        Assert.True(cache.IsFresh);
        Assert.NotNull(cache.FindCaller(token));

        time.Advance(RevocationCache.MaxAge);
        Assert.True(cache.IsFresh);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(cache.IsFresh);

        cache.Apply(Update());
        Assert.True(cache.IsFresh);
    }

    [Fact]
    public void Blocked_account_and_ended_session_are_refused_and_others_are_not()
    {
        cache.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));
        Assert.Null(cache.FindCaller(token));
        Assert.NotNull(cache.FindCaller(token with { UserId = Guid.NewGuid() }));

        cache.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false, AccountRole.User), Change(AccessSubject.Session, token.SessionId, isBlocked: true)]));
        Assert.Null(cache.FindCaller(token));
        Assert.NotNull(cache.FindCaller(token with { SessionId = Guid.NewGuid() }));
    }

    [Fact]
    public void Listed_role_holds_instead_of_the_tokens()
    {
        cache.Apply(Update(isWhole: true));
        Assert.True(cache.FindCaller(token)!.IsAdministrator);

        cache.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false, AccountRole.User)]));
        Assert.False(cache.FindCaller(token)!.IsAdministrator);
    }

    [Fact]
    public void Whole_answer_takes_the_place_of_what_was_told_once_all_of_it_is_there()
    {
        cache.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));

        cache.Apply(Update(isWhole: true, hasMore: true));
        Assert.Null(cache.FindCaller(token));

        cache.Apply(Update());
        Assert.NotNull(cache.FindCaller(token));
    }

    [Fact]
    public void Api_key_is_good_until_it_is_revoked()
    {
        var (id, hash) = (Guid.NewGuid(), SHA256.HashData("secret"u8));
        cache.Apply(Update(isWhole: true, keys: [new ApiKeyAccess(id, hash, IsRevoked: false)]));
        Assert.Equal(new Caller.Collector(id), cache.FindKey(hash));
        Assert.Null(cache.FindKey(SHA256.HashData("another"u8)));

        cache.Apply(Update(keys: [new ApiKeyAccess(id, hash, IsRevoked: true)]));
        Assert.Null(cache.FindKey(hash));
    }

    [Fact]
    public void What_no_living_token_is_from_before_is_forgotten()
    {
        cache.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Session, token.SessionId, isBlocked: true)]));

        time.Advance(TimeSpan.FromMinutes(65));
        cache.Forget();
        cache.Apply(Update());
        Assert.Null(cache.FindCaller(token));

        time.Advance(TimeSpan.FromSeconds(1));
        cache.Forget();
        cache.Apply(Update());
        Assert.NotNull(cache.FindCaller(token));
    }

    [Fact]
    public void Blocked_account_is_remembered_for_as_long_as_a_URL_of_media_may_be_good()
    {
        Assert.False(cache.IsLetIn(token.UserId));
        cache.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));
        time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        cache.Forget();
        cache.Apply(Update());
        Assert.False(cache.IsLetIn(token.UserId));
        Assert.True(cache.IsLetIn(Guid.NewGuid()));

        cache.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false)]));
        Assert.True(cache.IsLetIn(token.UserId));
    }

    private AccessChange Change(AccessSubject subject, Guid id, bool isBlocked, AccountRole? role = null) => new(subject, id, isBlocked, role, time.GetUtcNow());

    private static AccessUpdate Update(bool isWhole = false, bool hasMore = false, AccessChange[]? changes = null, ApiKeyAccess[]? keys = null) =>
        new(new AccessVersion(Guid.Empty, 1), isWhole, hasMore, [.. changes ?? []], [.. keys ?? []]);
}
