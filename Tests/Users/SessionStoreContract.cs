using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract class SessionStoreContract(StoreFixture fixture) : AccountsContract(fixture)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_session_is_listed_as_it_was_added()
    {
        var user = (await AddAccountAsync()).UserId;
        var session = await NewSessionAsync(user, "a telly");
        Assert.True(await Sessions.AddAsync(session, 10, Cancel));

        var listed = Assert.Single(await Sessions.ListAsync(user, 10, Cancel));

        Assert.Equal((session.SessionId, "a telly", session.ExpiresAt), (listed.SessionId, listed.Device, listed.ExpiresAt));
        Assert.Equal(listed.CreatedAt, listed.LastUsedAt);
        Assert.InRange(listed.CreatedAt, await TimeAsync() - TimeSpan.FromMinutes(1), await TimeAsync());
        Assert.Empty(await Sessions.ListAsync(Samples.Id(), 10, Cancel));
    }

    [Fact]
    public async Task Nobody_who_is_unknown_or_banned_gets_a_session()
    {
        var banned = (await AddAccountAsync()).UserId;
        await Accounts.SetBannedAsync(banned, true, Cancel);

        Assert.False(await Sessions.AddAsync(await NewSessionAsync(banned), 10, Cancel));
        var unknown = await NewSessionAsync(Samples.Id());
        Assert.False(await Sessions.AddAsync(unknown, 10, Cancel));

        Assert.Equal(new Rotation(RotationStatus.Invalid, null, null), await RotateAsync(unknown));
    }

    [Fact]
    public async Task Who_logged_in_with_a_password_that_was_changed_meanwhile_gets_no_session()
    {
        var user = (await AddAccountAsync()).UserId;
        var late = await NewSessionAsync(user);
        Assert.True(await Accounts.SetPasswordAsync(user, "another", PasswordHash(user), Cancel));
        await Sessions.EndAllAsync(user, null, Cancel);

        Assert.False(await Sessions.AddAsync(late, 10, Cancel));

        Assert.Empty(await Sessions.ListAsync(user, 10, Cancel));
        Assert.True(await Sessions.AddAsync(late with { PasswordHash = "another" }, 10, Cancel));
    }

    [Fact]
    public async Task Sessions_beyond_the_most_that_one_has_end_with_the_one_used_longest_ago()
    {
        var user = (await AddAccountAsync()).UserId;
        var (first, second) = (await AddSessionAsync(user), await LaterAsync(() => AddSessionAsync(user)));
        Assert.Equal(RotationStatus.Rotated, (await LaterAsync(() => RotateAsync(first))).Status);

        var third = await LaterAsync(() => AddSessionAsync(user, maxSessions: 2));

        var listed = await Sessions.ListAsync(user, 10, Cancel);
        Assert.Equal([third.SessionId, first.SessionId], listed.Select(session => session.SessionId));
        Assert.Equal((AccessSubject.Session, second.SessionId, true), Told(Assert.Single(await ChangesAsync())));
        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(second)).Status);
    }

    [Fact]
    public async Task However_many_log_in_at_once_an_account_has_no_more_than_its_most()
    {
        var user = (await AddAccountAsync()).UserId;
        var sessions = new List<NewSession>();
        for (var i = 0; i < 12; i++)
            sessions.Add(await NewSessionAsync(user));

        await Task.WhenAll(sessions.Select(session => Sessions.AddAsync(session, 3, Cancel)));

        Assert.Equal(3, (await Sessions.ListAsync(user, 100, Cancel)).Count);
        Assert.Equal(9, (await ChangesAsync()).Count);
    }

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

    [Fact]
    public async Task Sessions_are_listed_last_used_first_and_no_more_than_asked_for()
    {
        var user = (await AddAccountAsync()).UserId;
        var sessions = new List<NewSession>();
        for (var i = 0; i < 5; i++)
            sessions.Add(await LaterAsync(() => AddSessionAsync(user)));

        await LaterAsync(() => RotateAsync(sessions[1]));

        Guid[] expected = [sessions[1].SessionId, sessions[4].SessionId, sessions[3].SessionId];
        Assert.Equal(expected, (await Sessions.ListAsync(user, 3, Cancel)).Select(session => session.SessionId));
    }

    [Fact]
    public async Task A_session_is_ended_by_its_owner_once()
    {
        var (user, other) = ((await AddAccountAsync()).UserId, (await AddAccountAsync()).UserId);
        var session = await AddSessionAsync(user);

        Assert.False(await Sessions.EndAsync(other, session.SessionId, Cancel));
        Assert.Empty(await ChangesAsync());
        var ended = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Sessions.EndAsync(user, session.SessionId, Cancel)));

        Assert.Single(ended, true);
        Assert.Empty(await Sessions.ListAsync(user, 10, Cancel));
        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(session)).Status);
        Assert.Equal((AccessSubject.Session, session.SessionId, true), Told(Assert.Single(await ChangesAsync())));
        Assert.False(await Sessions.EndAsync(user, Samples.Id(), Cancel));
    }

    [Fact]
    public async Task All_sessions_end_but_the_one_that_is_kept()
    {
        var (user, other) = ((await AddAccountAsync()).UserId, (await AddAccountAsync()).UserId);
        var (first, kept, third) = (await AddSessionAsync(user), await AddSessionAsync(user), await AddSessionAsync(user));
        var others = await AddSessionAsync(other);

        await Sessions.EndAllAsync(user, kept.SessionId, Cancel);

        Assert.Equal(kept.SessionId, Assert.Single(await Sessions.ListAsync(user, 10, Cancel)).SessionId);
        Assert.Equal(Ascending([first.SessionId, third.SessionId]), Ascending((await ChangesAsync()).Select(change => change.Id)));

        await Sessions.EndAllAsync(user, null, Cancel);

        Assert.Empty(await Sessions.ListAsync(user, 10, Cancel));
        Assert.Equal(others.SessionId, Assert.Single(await Sessions.ListAsync(other, 10, Cancel)).SessionId);
        await Sessions.EndAllAsync(Samples.Id(), null, Cancel);
    }

    [Fact]
    public async Task A_log_in_and_the_end_of_all_sessions_at_once_leave_a_session_that_is_whole_or_ended()
    {
        var user = (await AddAccountAsync()).UserId;
        var sessions = new List<NewSession>();
        for (var i = 0; i < 6; i++)
            sessions.Add(await NewSessionAsync(user));

        await Task.WhenAll(sessions.SelectMany(session => (Task[])[Sessions.AddAsync(session, 100, Cancel), Sessions.EndAllAsync(user, null, Cancel)]));

        var open = (await Sessions.ListAsync(user, 100, Cancel)).Select(session => session.SessionId);
        var ended = (await ChangesAsync()).Select(change => change.Id);
        Assert.Equal(Ascending(sessions.Select(session => session.SessionId)), Ascending(open.Concat(ended)));
    }

    [Fact]
    public async Task What_ended_or_expired_before_a_moment_is_forgotten_and_the_rest_is_kept()
    {
        var user = (await AddAccountAsync()).UserId;
        var ended = await AddSessionAsync(user);
        await Sessions.EndAsync(user, ended.SessionId, Cancel);
        await AddSessionAsync(user);
        await Fixture.AdvanceAsync(TokenLifetime + TimeSpan.FromHours(1));
        var (open, justEnded) = (await AddSessionAsync(user), await AddSessionAsync(user));
        await Sessions.EndAsync(user, justEnded.SessionId, Cancel);

        Assert.Equal(2, await Sessions.ForgetAsync(await TimeAsync() - TimeSpan.FromMinutes(10), Cancel));
        Assert.Equal(0, await Sessions.ForgetAsync(await TimeAsync() - TimeSpan.FromMinutes(10), Cancel));

        Assert.Equal(new Rotation(RotationStatus.Invalid, null, null), await RotateAsync(ended));
        Assert.Equal(new Rotation(RotationStatus.Invalid, user, justEnded.SessionId), await RotateAsync(justEnded));
        Assert.Equal(RotationStatus.Rotated, (await RotateAsync(open)).Status);
    }

    /// <summary>After a moment that both clocks can tell.</summary>
    private async Task<T> LaterAsync<T>(Func<Task<T>> step)
    {
        await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));
        return await step();
    }

    private static (AccessSubject Subject, Guid Id, bool IsBlocked) Told(AccessChange change) => (change.Subject, change.Id, change.IsBlocked);
}

public sealed class SqliteSessionStoreTests() : SessionStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresSessionStoreTests() : SessionStoreContract(new ServersFixture());
