using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract partial class SessionStoreContract
{
    [Fact]
    public async Task A_token_is_taken_for_the_next_one()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await AddSessionAsync(user);
        var next = new NextToken(Hash(), Hash(), await TimeAsync() + (2 * TokenLifetime));

        var rotation = await Sessions.RotateAsync(session.TokenHash, next, Grace, Cancel);

        Assert.Equal(new Rotation(RotationStatus.Rotated, user, session.SessionId), rotation);
        Assert.Equal(next.ExpiresAt, Assert.Single(await Sessions.ListAsync(user, 10, Cancel)).ExpiresAt);
        Assert.Equal(RotationStatus.Rotated, (await RotateAsync(session with { TokenHash = next.Hash })).Status);
        Assert.Empty(await ChangesAsync());
    }

    [Fact]
    public async Task An_unknown_token_is_invalid()
    {
        await AddSessionAsync((await AddAccountAsync()).UserId);
        Assert.Equal(
            new Rotation(RotationStatus.Invalid, null, null), await Sessions.RotateAsync(Hash(), await NextAsync(), Grace, Cancel));
    }

    [Fact]
    public async Task A_token_that_is_used_again_within_the_grace_is_answered_with_the_same_next_one()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await AddSessionAsync(user);
        var next = await NextAsync();
        await Sessions.RotateAsync(session.TokenHash, next, Grace, Cancel);
        await Fixture.AdvanceAsync(Grace / 2);

        foreach (var repeated in (Rotation[])[await RotateAsync(session, Grace), await RotateAsync(session, Grace)])
        {
            Assert.Equal((RotationStatus.Repeated, user, session.SessionId), (repeated.Status, repeated.UserId, repeated.SessionId));
            Assert.Equal(next.Hash, repeated.Next!.Hash);
            Assert.Equal(next.Sealed, repeated.Next.Sealed);
            Assert.Equal(Assert.Single(await Sessions.ListAsync(user, 10, Cancel)).ExpiresAt, repeated.Next.ExpiresAt);
        }

        Assert.Empty(await ChangesAsync());
        Assert.Equal(RotationStatus.Rotated, (await RotateAsync(session with { TokenHash = next.Hash }, Grace)).Status);
    }

    [Fact]
    public async Task A_token_that_is_used_again_after_the_grace_ends_its_session()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await AddSessionAsync(user);
        await RotateAsync(session, Grace);
        await Fixture.AdvanceAsync(Grace + TimeSpan.FromSeconds(1));

        Assert.Equal(new Rotation(RotationStatus.Reused, user, session.SessionId), await RotateAsync(session, Grace));

        Assert.Empty(await Sessions.ListAsync(user, 10, Cancel));
    }

    [Fact]
    public async Task A_token_whose_next_one_was_used_is_answered_with_it_within_its_own_grace_and_no_longer()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await AddSessionAsync(user);
        var (next, afterNext) = (await NextAsync(), await NextAsync());
        await Sessions.RotateAsync(session.TokenHash, next, Grace, Cancel);
        await Fixture.AdvanceAsync(Grace / 2);
        await Sessions.RotateAsync(next.Hash, afterNext, Grace, Cancel);

        var repeated = await RotateAsync(session, Grace);
        Assert.Equal((RotationStatus.Repeated, user, session.SessionId), (repeated.Status, repeated.UserId, repeated.SessionId));
        Assert.Equal(next.Hash, repeated.Next!.Hash);
        Assert.Equal(next.Sealed, repeated.Next.Sealed);
        Assert.Equal(afterNext.Hash, (await RotateAsync(session with { TokenHash = next.Hash }, Grace)).Next!.Hash);
        Assert.Empty(await ChangesAsync());
        Assert.Single(await Sessions.ListAsync(user, 10, Cancel));

        // The grace of the first is over, and that of the next one is not.
        await Fixture.AdvanceAsync((Grace / 2) + TimeSpan.FromSeconds(1));
        Assert.Equal(RotationStatus.Repeated, (await RotateAsync(session with { TokenHash = next.Hash }, Grace)).Status);
        Assert.Equal(new Rotation(RotationStatus.Reused, user, session.SessionId), await RotateAsync(session, Grace));
        Assert.Empty(await Sessions.ListAsync(user, 10, Cancel));
    }

    [Fact]
    public async Task A_session_that_was_ended_within_the_grace_repeats_nothing()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await AddSessionAsync(user);
        await RotateAsync(session, Grace);
        await Sessions.EndAsync(user, session.SessionId, Cancel);

        Assert.Equal(new Rotation(RotationStatus.Invalid, user, session.SessionId), await RotateAsync(session, Grace));
    }

    [Fact]
    public async Task Concurrent_uses_of_one_token_within_the_grace_get_one_next_token()
    {
        var user = (await AddAccountAsync()).UserId;
        for (var round = 0; round < 5; round++)
        {
            var session = await AddSessionAsync(user);
            var offered = new List<NextToken>();
            for (var i = 0; i < 6; i++)
                offered.Add(await NextAsync());

            var rotations = await Task.WhenAll(offered.Select(next => Sessions.RotateAsync(session.TokenHash, next, Grace, Cancel)));

            var taken = offered[Array.FindIndex(rotations, rotation => rotation.Status == RotationStatus.Rotated)];
            var repeated = rotations.Where(rotation => rotation.Status == RotationStatus.Repeated).ToList();
            Assert.Equal(5, repeated.Count);
            Assert.All(repeated, rotation => Assert.Equal(taken.Hash, rotation.Next!.Hash));
            Assert.All(repeated, rotation => Assert.Equal(taken.Sealed, rotation.Next!.Sealed));
            Assert.Equal(RotationStatus.Rotated, (await RotateAsync(session with { TokenHash = taken.Hash }, Grace)).Status);
        }

        Assert.Empty(await ChangesAsync());
    }

    [Fact]
    public async Task A_token_that_is_used_twice_without_a_grace_ends_its_session_and_no_other()
    {
        var user = (await AddAccountAsync()).UserId;
        var (session, other) = (await AddSessionAsync(user), await AddSessionAsync(user));
        var next = await NextAsync();
        await Sessions.RotateAsync(session.TokenHash, next, TimeSpan.Zero, Cancel);

        Assert.Equal(new Rotation(RotationStatus.Reused, user, session.SessionId), await RotateAsync(session));

        Assert.Equal(new Rotation(RotationStatus.Invalid, user, session.SessionId), await RotateAsync(session with { TokenHash = next.Hash }));
        Assert.Equal((AccessSubject.Session, session.SessionId, true), Told(Assert.Single(await ChangesAsync())));
        Assert.Equal(other.SessionId, Assert.Single(await Sessions.ListAsync(user, 10, Cancel)).SessionId);
    }

    [Fact]
    public async Task Of_concurrent_uses_of_one_token_without_a_grace_one_is_rotated_and_the_session_ends()
    {
        var user = (await AddAccountAsync()).UserId;
        for (var round = 0; round < 5; round++)
        {
            var session = await AddSessionAsync(user);

            var statuses = (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RotateAsync(session)))).Select(rotation => rotation.Status).ToArray();

            Assert.Single(statuses, RotationStatus.Rotated);
            Assert.Single(statuses, RotationStatus.Reused);
            Assert.DoesNotContain(await Sessions.ListAsync(user, 10, Cancel), listed => listed.SessionId == session.SessionId);
        }

        Assert.Equal(5, (await ChangesAsync()).Count);
    }

    [Fact]
    public async Task A_token_that_has_expired_is_invalid_used_or_not()
    {
        var user = (await AddAccountAsync()).UserId;
        var (used, unused) = (await AddSessionAsync(user), await AddSessionAsync(user));
        await Sessions.RotateAsync(used.TokenHash, new NextToken(Hash(), Hash(), await TimeAsync() + (3 * TokenLifetime)), Grace, Cancel);

        await Fixture.AdvanceAsync(TokenLifetime + TimeSpan.FromMinutes(1));

        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(used)).Status);
        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(unused)).Status);
        Assert.Equal(used.SessionId, Assert.Single(await Sessions.ListAsync(user, 10, Cancel)).SessionId);
        Assert.Empty(await ChangesAsync());
    }
}
