using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class AccountGrainTests : IAsyncLifetime
{
    private readonly PasswordsDouble passwords = new();
    private SiloFixture silo = null!;

    public async ValueTask InitializeAsync() => silo = await SiloFixture.StartAsync(passwords: passwords);

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        passwords.Dispose();
    }

    [Fact]
    public async Task Another_password_ends_the_other_sessions_and_the_fronts_learn_of_it()
    {
        var (email, userId) = await silo.RegisterAsync();
        var (kept, other) = (await silo.EnterAsync(email), await silo.EnterAsync(email));
        var account = silo.Account(userId);

        Assert.Equal(ChangePasswordStatus.WrongPassword, (await account.ChangePasswordAsync("wrong", "another password", kept.SessionId)).Status);
        Assert.Equal(2, (await account.ListSessionsAsync(TestContext.Current.CancellationToken)).Length);
        Assert.Equal(ChangePasswordStatus.Changed, (await account.ChangePasswordAsync(AccountsSilo.Password, "another password", kept.SessionId)).Status);

        Assert.Equal([kept.SessionId], (await account.ListSessionsAsync(TestContext.Current.CancellationToken)).Select(s => s.SessionId));
        Assert.Equal((null, true), (await silo.ChangeOfAsync(kept.SessionId), (await silo.ChangeOfAsync(other.SessionId))!.IsBlocked));
        Assert.Equal(LoginStatus.Invalid, (await silo.LogInAsync(email)).Status);
        Assert.Equal(LoginStatus.LoggedIn, (await silo.LogInAsync(email, "another password")).Status);
    }

    [Fact]
    public async Task A_session_that_guesses_the_password_is_held_up_and_another_is_not()
    {
        var (email, userId) = await silo.RegisterAsync();
        var (thief, owner) = (await silo.EnterAsync(email), await silo.EnterAsync(email));
        var account = silo.Account(userId);
        for (var i = 0; i < 4; i++)
            Assert.Equal(ChangePasswordStatus.WrongPassword, (await account.ChangePasswordAsync($"guess {i}", "mine", thief.SessionId)).Status);

        Assert.Equal(ChangePasswordStatus.TooManyFailures, (await account.ChangePasswordAsync(AccountsSilo.Password, "mine", thief.SessionId)).Status);
        Assert.Equal(ChangePasswordStatus.Changed, (await account.ChangePasswordAsync(AccountsSilo.Password, "another password", owner.SessionId)).Status);
    }

    [Fact]
    public async Task An_unknown_account_can_be_changed_in_nothing()
    {
        var account = silo.Account(silo.Samples.Id());
        Assert.Equal(ChangePasswordStatus.UnknownAccount, (await account.ChangePasswordAsync("a password", "another one", Guid.Empty)).Status);
        Assert.Equal(AccountChangeStatus.UnknownAccount, await account.SetRoleAsync(AccountRole.Admin));
        Assert.Equal(AccountChangeStatus.UnknownAccount, await account.SetBannedAsync(true));
        Assert.False(await account.EndSessionAsync(silo.Samples.Id()));
        Assert.Empty(await account.ListSessionsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_role_a_ban_and_its_end_are_told_to_the_fronts_when_they_are_answered()
    {
        var (email, userId) = await silo.RegisterAsync();
        var grant = await silo.EnterAsync(email);
        var account = silo.Account(userId);
        await silo.Accounts().AddAdministratorAsync(new Registration(AccountsSilo.NewEmail(), AccountsSilo.Password, "Root"));

        Assert.Equal(AccountChangeStatus.Changed, await account.SetRoleAsync(AccountRole.Admin));
        Assert.Equal((false, AccountRole.Admin), Standing(await silo.ChangeOfAsync(userId)));

        Assert.Equal(AccountChangeStatus.Changed, await account.SetBannedAsync(true));
        Assert.Equal((true, AccountRole.Admin), Standing(await silo.ChangeOfAsync(userId)));
        Assert.Equal(RefreshStatus.Invalid, (await silo.Accounts().RefreshAsync(grant.RefreshToken)).Status);
        Assert.NotNull((await account.GetAsync(TestContext.Current.CancellationToken))!.BannedAt);

        Assert.Equal(AccountChangeStatus.Changed, await account.SetBannedAsync(false));
        Assert.Equal((false, AccountRole.Admin), Standing(await silo.ChangeOfAsync(userId)));
        Assert.Null((await account.GetAsync(TestContext.Current.CancellationToken))!.BannedAt);

        static (bool, AccountRole?) Standing(AccessChange? change) => (change!.IsBlocked, change.Role);
    }

    [Fact]
    public async Task Sessions_are_ended_one_by_one_or_all_and_only_those_of_the_account()
    {
        var ((email, userId), (otherEmail, otherId)) = (await silo.RegisterAsync(), await silo.RegisterAsync());
        var (first, second, third, others) =
            (await silo.EnterAsync(email), await silo.EnterAsync(email), await silo.EnterAsync(email), await silo.EnterAsync(otherEmail));
        var account = silo.Account(userId);

        Assert.False(await account.EndSessionAsync(others.SessionId));
        Assert.True(await account.EndSessionAsync(first.SessionId));
        Assert.False(await account.EndSessionAsync(first.SessionId));
        Assert.True((await silo.ChangeOfAsync(first.SessionId))!.IsBlocked);
        Assert.Null(await silo.ChangeOfAsync(second.SessionId));

        await account.EndSessionsAsync();
        Assert.Empty(await account.ListSessionsAsync(TestContext.Current.CancellationToken));
        Assert.True((await silo.ChangeOfAsync(second.SessionId))!.IsBlocked);
        Assert.True((await silo.ChangeOfAsync(third.SessionId))!.IsBlocked);
        Assert.Null(await silo.ChangeOfAsync(others.SessionId));
        Assert.Single(await silo.Account(otherId).ListSessionsAsync(TestContext.Current.CancellationToken));
    }
}
