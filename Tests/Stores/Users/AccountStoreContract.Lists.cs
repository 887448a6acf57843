using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>Of lists of accounts.</summary>
public abstract partial class AccountStoreContract
{
    [Fact]
    public async Task Accounts_are_listed_newest_first_page_by_page()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 11; i++)
        {
            ids.Add((await AddAccountAsync()).UserId);
            // Some share their moment, where the clock stands still.
            if (i % 3 == 0)
                await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var listed = await ListAllAsync(new AccountFilter(), 4);

        Assert.Equal(Ascending(ids), Ascending(listed.Select(account => account.UserId)));
        Assert.Equal(
            listed.OrderByDescending(account => account.CreatedAt).ThenByDescending(account => account.UserId.ToString(), StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task No_accounts_are_one_empty_page()
    {
        var page = await Accounts.ListAsync(new AccountFilter("a", AccountRole.Admin, true), null, 10, Cancel);
        Assert.Empty(page.Accounts);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task A_list_shows_who_meets_every_condition()
    {
        var (user, banned, admin) = (await AddAccountAsync("u@example.com"), await AddAccountAsync("b@example.com"), await AddAccountAsync("a@example.com"));
        await Accounts.SetBannedAsync(banned.UserId, true, Cancel);
        await Accounts.SetRoleAsync(admin.UserId, AccountRole.Admin, Cancel);

        Assert.Equal(["a@example.com"], await EmailsAsync(new AccountFilter(Role: AccountRole.Admin)));
        Assert.Equal(["b@example.com", "u@example.com"], await EmailsAsync(new AccountFilter(Role: AccountRole.User)));
        Assert.Equal(["b@example.com"], await EmailsAsync(new AccountFilter(Banned: true)));
        Assert.Equal(["a@example.com", "u@example.com"], await EmailsAsync(new AccountFilter(Banned: false)));
        Assert.Equal([user.Email], await EmailsAsync(new AccountFilter("u@", AccountRole.User, false)));
        Assert.Empty(await EmailsAsync(new AccountFilter("u@", AccountRole.Admin, false)));
    }

    [Theory]
    [InlineData("ANN", "ann@example.com,x@example.com")]
    [InlineData("example.com", "100%@example.com,a_b@example.com,ann@example.com,x@example.com")]
    [InlineData("0%", "100%@example.com")]
    [InlineData("a_b", "a_b@example.com")]
    [InlineData("_nn", "")]
    [InlineData(@"\", "x@example.com")]
    [InlineData("'", "")]
    public async Task A_search_takes_what_it_is_given_literally_and_without_regard_to_case(string search, string found)
    {
        foreach (var email in (string[])["ann@example.com", "100%@example.com", "a_b@example.com"])
            await AddAccountAsync(email);

        Assert.True(await Accounts.AddAsync(NewAccount("x@example.com") with { Username = @"Joh\Ann" }, Cancel));

        Assert.Equal(found.Split(',', StringSplitOptions.RemoveEmptyEntries), await EmailsAsync(new AccountFilter(search)));
    }

    [Fact]
    public async Task A_cursor_that_nobody_gave_out_is_no_error()
    {
        await AddAccountAsync();
        Assert.Single((await Accounts.ListAsync(new AccountFilter(), new PageCursor(long.MaxValue, Guid.Empty), 5, Cancel)).Accounts);
        Assert.Empty((await Accounts.ListAsync(new AccountFilter(), new PageCursor(long.MinValue, Guid.Empty), 5, Cancel)).Accounts);
    }

    private async Task<List<Account>> ListAllAsync(AccountFilter filter, int limit)
    {
        var listed = new List<Account>();
        PageCursor? after = null;
        do
        {
            var page = await Accounts.ListAsync(filter, after, limit, Cancel);
            Assert.True(page.Accounts.Length <= limit);
            listed.AddRange(page.Accounts);
            after = page.Next;
        }
        while (after is not null);
        return listed;
    }

    private async Task<string[]> EmailsAsync(AccountFilter filter) =>
        [.. (await ListAllAsync(filter, 2)).Select(account => account.Email).Order(StringComparer.Ordinal)];
}
