using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract partial class SessionStoreContract(StoreFixture fixture) : AccountsContract(fixture)
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
        // PostgreSQL reads its clock for each of them.
        Assert.InRange(listed.LastUsedAt - listed.CreatedAt, TimeSpan.Zero, TimeSpan.FromSeconds(1));
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
