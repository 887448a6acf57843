using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;
using Streaming.WebFront;
using Streaming.WebFront.Auth;

namespace Streaming.Tests.Auth;

public sealed class RevocationCacheTests
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 5, 4, 20, 15, 0, TimeSpan.Zero));
    private readonly RevocationCache map;
    private readonly AccessToken token = new(Guid.NewGuid(), "ada@example.com", AccountRole.Admin, Guid.NewGuid());

    public RevocationCacheTests() => map = new RevocationCache(time);

    [Fact]
    public void Nothing_is_known_before_everything_was_told_and_a_minute_after_the_last_answer()
    {
        Assert.False(map.IsFresh);
        Assert.Null(map.FindCaller(token));

        map.Apply(Update(isWhole: true, hasMore: true));
        Assert.False(map.IsFresh);

        map.Apply(Update());
        Assert.True(map.IsFresh);
        Assert.NotNull(map.FindCaller(token));

        time.Advance(RevocationCache.MaxAge);
        Assert.True(map.IsFresh);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(map.IsFresh);

        map.Apply(Update());
        Assert.True(map.IsFresh);
    }

    [Fact]
    public void Blocked_account_and_ended_session_are_refused_and_others_are_not()
    {
        map.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));
        Assert.Null(map.FindCaller(token));
        Assert.NotNull(map.FindCaller(token with { UserId = Guid.NewGuid() }));

        map.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false, AccountRole.User), Change(AccessSubject.Session, token.SessionId, isBlocked: true)]));
        Assert.Null(map.FindCaller(token));
        Assert.NotNull(map.FindCaller(token with { SessionId = Guid.NewGuid() }));
    }

    [Fact]
    public void Listed_role_holds_instead_of_the_tokens()
    {
        map.Apply(Update(isWhole: true));
        Assert.True(map.FindCaller(token)!.IsAdministrator);

        map.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false, AccountRole.User)]));
        Assert.False(map.FindCaller(token)!.IsAdministrator);
    }

    [Fact]
    public void Whole_answer_takes_the_place_of_what_was_told_once_all_of_it_is_there()
    {
        map.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));

        map.Apply(Update(isWhole: true, hasMore: true));
        Assert.Null(map.FindCaller(token));

        map.Apply(Update());
        Assert.NotNull(map.FindCaller(token));
    }

    [Fact]
    public void Api_key_is_good_until_it_is_revoked()
    {
        var (id, hash) = (Guid.NewGuid(), SHA256.HashData("secret"u8));
        map.Apply(Update(isWhole: true, keys: [new ApiKeyAccess(id, hash, IsRevoked: false)]));
        Assert.Equal(new Caller.Collector(id), map.FindKey(hash));
        Assert.Null(map.FindKey(SHA256.HashData("another"u8)));

        map.Apply(Update(keys: [new ApiKeyAccess(id, hash, IsRevoked: true)]));
        Assert.Null(map.FindKey(hash));
    }

    [Fact]
    public void What_no_living_token_is_from_before_is_forgotten()
    {
        map.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Session, token.SessionId, isBlocked: true)]));

        time.Advance(TimeSpan.FromMinutes(65));
        map.Forget();
        map.Apply(Update());
        Assert.Null(map.FindCaller(token));

        time.Advance(TimeSpan.FromSeconds(1));
        map.Forget();
        map.Apply(Update());
        Assert.NotNull(map.FindCaller(token));
    }

    [Fact]
    public void Blocked_account_is_remembered_for_as_long_as_a_URL_of_media_may_be_good()
    {
        Assert.False(map.IsLetIn(token.UserId));
        map.Apply(Update(isWhole: true, changes: [Change(AccessSubject.Account, token.UserId, isBlocked: true)]));
        time.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        map.Forget();
        map.Apply(Update());
        Assert.False(map.IsLetIn(token.UserId));
        Assert.True(map.IsLetIn(Guid.NewGuid()));

        map.Apply(Update(changes: [Change(AccessSubject.Account, token.UserId, isBlocked: false)]));
        Assert.True(map.IsLetIn(token.UserId));
    }

    private AccessChange Change(AccessSubject subject, Guid id, bool isBlocked, AccountRole? role = null) => new(subject, id, isBlocked, role, time.GetUtcNow());

    private static AccessUpdate Update(bool isWhole = false, bool hasMore = false, AccessChange[]? changes = null, ApiKeyAccess[]? keys = null) =>
        new(new AccessVersion(Guid.Empty, 1), isWhole, hasMore, [.. changes ?? []], [.. keys ?? []]);
}
