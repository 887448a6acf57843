using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract class AccessStoreContract(StoreFixture fixture) : AccountsContract(fixture)
{
    [Fact]
    public async Task Nothing_has_changed_where_nothing_was_done()
    {
        await AddSessionAsync((await AddAccountAsync()).UserId);
        Assert.Empty(await ChangesAsync());
    }

    [Fact]
    public async Task A_change_carries_the_time_of_the_clock_that_is_told()
    {
        var account = await AddAccountAsync();
        var before = await TimeAsync();
        await Accounts.SetRoleAsync(account.UserId, AccountRole.Admin, Cancel);

        Assert.InRange(Assert.Single(await ChangesAsync()).ChangedAt, before, await TimeAsync());
        Assert.Single(await Access.ListChangesAsync(before, null, 10, Cancel));
        Assert.Empty(await Access.ListChangesAsync(before.AddMinutes(1), null, 10, Cancel));
    }

    [Fact]
    public async Task The_latest_change_of_an_account_is_the_one_that_is_listed()
    {
        var account = await AddAccountAsync();
        await Accounts.SetBannedAsync(account.UserId, true, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(1));
        var since = await TimeAsync() - TimeSpan.FromMinutes(1);
        Assert.Empty(await Access.ListChangesAsync(since, null, 10, Cancel));

        await Accounts.SetBannedAsync(account.UserId, false, Cancel);

        var change = Assert.Single(await Access.ListChangesAsync(since, null, 10, Cancel));
        Assert.Equal((account.UserId, false), (change.Id, change.IsBlocked));
    }

    [Fact]
    public async Task Changes_are_listed_by_time_and_id_page_by_page()
    {
        for (var i = 0; i < 10; i++)
        {
            var account = await AddAccountAsync();
            await AddSessionAsync(account.UserId);
            await Accounts.SetBannedAsync(account.UserId, true, Cancel);
            if (i % 4 == 0)
                await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var listed = new List<AccessChange>();
        PageCursor? after = null;
        while (await Access.ListChangesAsync(DateTimeOffset.UnixEpoch, after, 3, Cancel) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 3);
            listed.AddRange(page);
            after = new PageCursor(page[^1].ChangedAt.UtcTicks, page[^1].Id);
        }

        Assert.Equal(20, listed.Count);
        Assert.Equal(await ChangesAsync(), listed);
        Assert.Equal(listed.OrderBy(change => change.ChangedAt).ThenBy(change => change.Id.ToString(), StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Old_changes_are_forgotten_other_than_of_accounts_that_are_banned_now()
    {
        var (banned, freed, removed) = (await AddAccountAsync(), await AddAccountAsync(), await AddAccountAsync());
        var session = await AddSessionAsync(freed.UserId);
        await Accounts.SetBannedAsync(banned.UserId, true, Cancel);
        await Accounts.SetBannedAsync(freed.UserId, true, Cancel);
        await Accounts.SetBannedAsync(freed.UserId, false, Cancel);
        await Accounts.RemoveAsync(removed.UserId, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromHours(3));
        var young = await AddAccountAsync();
        await Accounts.SetRoleAsync(young.UserId, AccountRole.Admin, Cancel);

        Assert.Equal(2, await ForgetAsync(TimeSpan.FromHours(1), TimeSpan.FromHours(4)));
        Assert.Equal(0, await ForgetAsync(TimeSpan.FromHours(1), TimeSpan.FromHours(4)));
        Assert.Equal(Ascending([banned.UserId, removed.UserId]), Ascending((await Access.ListBlockedAsync(DateTimeOffset.UnixEpoch, null, 10, Cancel)).Select(change => change.Id)));
        Assert.Empty(await Access.ListBlockedAsync(await TimeAsync() - TimeSpan.FromHours(1), null, 10, Cancel));

        Assert.Equal(1, await ForgetAsync(TimeSpan.FromHours(1), TimeSpan.FromHours(2)));

        Assert.Equal([banned.UserId, young.UserId], (await ChangesAsync()).Select(change => change.Id));
        Assert.DoesNotContain(await ChangesAsync(), change => change.Id == session.SessionId);
    }

    [Fact]
    public async Task A_key_is_listed_as_it_was_added()
    {
        Assert.Empty(await Access.ListKeysAsync(10, Cancel));
        var (key, hash) = (await NewKeyAsync("a collector"), Hash());

        Assert.True(await Access.AddKeyAsync(key, hash, 10, Cancel));

        var listed = Assert.Single(await Access.ListKeysAsync(10, Cancel));
        Assert.Equal(key, listed.Key);
        Assert.Equal(hash, listed.Hash);
    }

    [Fact]
    public async Task However_many_add_keys_at_once_there_are_no_more_good_ones_than_allowed()
    {
        var keys = new List<ApiKey>();
        for (var i = 0; i < 12; i++)
            keys.Add(await NewKeyAsync($"key {i}"));

        var added = await Task.WhenAll(keys.Select(key => Access.AddKeyAsync(key, Hash(), 4, Cancel)));

        Assert.Equal(4, added.Count(isAdded => isAdded));
        Assert.Equal(4, (await Access.ListKeysAsync(10, Cancel)).Count);
    }

    [Fact]
    public async Task A_revoked_key_makes_room_and_keeps_its_time()
    {
        var (first, second) = (await NewKeyAsync("first"), await NewKeyAsync("second"));
        Assert.True(await Access.AddKeyAsync(first, Hash(), 1, Cancel));
        Assert.False(await Access.AddKeyAsync(second, Hash(), 1, Cancel));

        Assert.True(await Access.RevokeKeyAsync(first.KeyId, Cancel));
        var revokedAt = Assert.Single(await Access.ListKeysAsync(10, Cancel)).Key.RevokedAt;
        Assert.True(await Access.RevokeKeyAsync(first.KeyId, Cancel));

        Assert.NotNull(revokedAt);
        Assert.Equal(revokedAt, Assert.Single(await Access.ListKeysAsync(10, Cancel)).Key.RevokedAt);
        Assert.True(await Access.AddKeyAsync(second, Hash(), 1, Cancel));
        Assert.False(await Access.RevokeKeyAsync(Samples.Id(), Cancel));
    }

    [Fact]
    public async Task Good_keys_come_newest_first_then_the_newest_revoked_ones()
    {
        var keys = new List<ApiKey>();
        for (var i = 0; i < 6; i++)
        {
            var key = await NewKeyAsync($"key {i}");
            keys.Add(key with { CreatedAt = key.CreatedAt.AddSeconds(i) });
            Assert.True(await Access.AddKeyAsync(keys[i], Hash(), 10, Cancel));
        }

        foreach (var i in (int[])[4, 0, 2])
        {
            await Access.RevokeKeyAsync(keys[i].KeyId, Cancel);
            await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        Guid[] expected = [keys[5].KeyId, keys[3].KeyId, keys[1].KeyId, keys[2].KeyId, keys[0].KeyId];
        Assert.Equal(expected, (await Access.ListKeysAsync(2, Cancel)).Select(key => key.Key.KeyId));
    }

    private async Task<int> ForgetAsync(TimeSpan age, TimeSpan blockedAge) =>
        await Access.ForgetChangesAsync(await TimeAsync() - age, await TimeAsync() - blockedAge, Cancel);

    private async Task<ApiKey> NewKeyAsync(string name) => new(Samples.Id(), name, Samples.Id(), await TimeAsync(), null);
}

public sealed class SqliteAccessStoreTests() : AccessStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresAccessStoreTests() : AccessStoreContract(new ServersFixture());
