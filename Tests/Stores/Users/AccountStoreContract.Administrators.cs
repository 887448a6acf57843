using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>That one administrator always stays, and what goes with one.</summary>
public abstract partial class AccountStoreContract
{
    [Fact]
    public async Task The_last_administrator_is_neither_demoted_banned_nor_removed_and_keeps_all_there_is()
    {
        var (admin, user) = (await AddAdministratorAsync(), await AddAccountAsync());
        var session = await AddSessionAsync(admin);
        var key = await AddKeyAsync(admin);

        Assert.Equal(AccountChangeStatus.LastAdministrator, await Accounts.SetRoleAsync(admin, AccountRole.User, Cancel));
        Assert.Equal(AccountChangeStatus.LastAdministrator, await Accounts.SetBannedAsync(admin, true, Cancel));
        Assert.Equal(AccountChangeStatus.LastAdministrator, await Accounts.RemoveAsync(admin, Cancel));

        var account = await Accounts.FindAsync(admin, Cancel);
        Assert.Equal((AccountRole.Admin, null), (account!.Role, account.BannedAt));
        Assert.Equal(session.SessionId, Assert.Single(await Sessions.ListAsync(admin, 10, Cancel)).SessionId);
        Assert.Null((await Access.ListKeysAsync(10, Cancel)).Single(listed => listed.Key.KeyId == key).Key.RevokedAt);
        Assert.False(Assert.Single(await ChangesAsync()).IsBlocked);
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetRoleAsync(admin, AccountRole.Admin, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(admin, false, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(user.UserId, true, Cancel));
    }

    [Fact]
    public async Task An_administrator_who_is_banned_is_none_who_stays()
    {
        var (banned, last) = (await AddAdministratorAsync(), await AddAdministratorAsync());
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(banned, true, Cancel));

        Assert.Equal(AccountChangeStatus.LastAdministrator, await Accounts.SetRoleAsync(last, AccountRole.User, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetRoleAsync(banned, AccountRole.User, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetRoleAsync(banned, AccountRole.Admin, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.RemoveAsync(banned, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_administrators_take_each_other_away_at_once_one_stays(int way)
    {
        for (var round = 0; round < 4; round++)
        {
            Guid[] admins = [await AddAdministratorAsync(), await AddAdministratorAsync(), await AddAdministratorAsync()];
            foreach (var other in (await Accounts.ListAsync(new AccountFilter(Role: AccountRole.Admin), null, 50, Cancel)).Accounts)
            {
                if (!admins.Contains(other.UserId))
                    await Accounts.SetRoleAsync(other.UserId, AccountRole.User, Cancel);
            }

            var statuses = await Task.WhenAll(admins.Select((admin, i) => (way == 3 ? i : way) switch
            {
                0 => Accounts.SetRoleAsync(admin, AccountRole.User, Cancel),
                1 => Accounts.SetBannedAsync(admin, true, Cancel),
                _ => Accounts.RemoveAsync(admin, Cancel),
            }));

            Assert.Single(statuses, AccountChangeStatus.LastAdministrator);
            var left = Assert.Single((await Accounts.ListAsync(new AccountFilter(Role: AccountRole.Admin, Banned: false), null, 50, Cancel)).Accounts);
            Assert.Equal(admins[Array.IndexOf(statuses, AccountChangeStatus.LastAdministrator)], left.UserId);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Keys_are_revoked_with_the_role_the_ban_or_the_account_of_who_made_them(int way)
    {
        var (maker, other) = (await AddAdministratorAsync(), await AddAdministratorAsync());
        var (key, others) = (await AddKeyAsync(maker), await AddKeyAsync(other));

        await TakeAsync(maker, way);

        var listed = (await Access.ListKeysAsync(10, Cancel)).ToDictionary(stored => stored.Key.KeyId, stored => stored.Key);
        Assert.NotNull(listed[key].RevokedAt);
        Assert.Equal(way == 2 ? null : maker, listed[key].MadeBy);
        Assert.Equal((null, other), (listed[others].RevokedAt, listed[others].MadeBy));
        await Accounts.SetBannedAsync(maker, false, Cancel);
        await Accounts.SetRoleAsync(maker, AccountRole.Admin, Cancel);
        Assert.NotNull((await Access.ListKeysAsync(10, Cancel)).Single(stored => stored.Key.KeyId == key).Key.RevokedAt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_key_that_is_made_while_its_maker_goes_is_revoked_or_never_made(int way)
    {
        await AddAdministratorAsync();
        for (var round = 0; round < 4; round++)
        {
            var maker = await AddAdministratorAsync();
            var keys = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NewKeyAsync(maker)));

            await Task.WhenAll(keys.Select(key => (Task)Access.AddKeyAsync(key, Hash(), 100, Cancel)).Append(TakeAsync(maker, way)));

            Assert.Empty((await Access.ListKeysAsync(0, Cancel)));
            Assert.False(await Access.AddKeyAsync(await NewKeyAsync(maker), Hash(), 100, Cancel));
        }
    }

    [Fact]
    public async Task A_first_administrator_is_added_where_the_only_one_is_banned()
    {
        var (banned, other) = (await AddAdministratorAsync(), await AddAdministratorAsync());
        await Accounts.SetBannedAsync(banned, true, Cancel);
        Assert.Equal(FirstAdministratorStatus.ThereIsOne, await Accounts.AddFirstAdministratorAsync(NewAccount("root@example.com"), Cancel));

        // As an installation of before may have it.
        await Fixture.SetRoleAsync(other, "user");

        Assert.Equal(FirstAdministratorStatus.Added, await Accounts.AddFirstAdministratorAsync(NewAccount("root@example.com"), Cancel));
    }

    private Task<AccountChangeStatus> TakeAsync(Guid user, int way) => way switch
    {
        0 => Accounts.SetRoleAsync(user, AccountRole.User, Cancel),
        1 => Accounts.SetBannedAsync(user, true, Cancel),
        _ => Accounts.RemoveAsync(user, Cancel),
    };

    private async Task<Guid> AddAdministratorAsync()
    {
        var account = await AddAccountAsync();
        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetRoleAsync(account.UserId, AccountRole.Admin, Cancel));
        return account.UserId;
    }

    private async Task<ApiKey> NewKeyAsync(Guid maker) => new(Samples.Id(), "a key", maker, await TimeAsync(), null);

    private async Task<Guid> AddKeyAsync(Guid maker)
    {
        var key = await NewKeyAsync(maker);
        Assert.True(await Access.AddKeyAsync(key, Hash(), 100, Cancel));
        return key.KeyId;
    }
}
