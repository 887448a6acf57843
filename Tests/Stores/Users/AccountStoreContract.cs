using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

public abstract partial class AccountStoreContract(StoreFixture fixture) : AccountsContract(fixture)
{
    [Fact]
    public async Task An_account_is_found_as_it_was_added()
    {
        var added = NewAccount("Ann@example.com") with { Username = "Ann" };
        Assert.True(await Accounts.AddAsync(added, Cancel));

        var account = await Accounts.FindAsync(added.UserId, Cancel);

        Assert.NotNull(account);
        Assert.Equal((added.UserId, "Ann@example.com", "Ann", AccountRole.User), (account.UserId, account.Email, account.Username, account.Role));
        Assert.Null(account.BannedAt);
        Assert.InRange(account.CreatedAt, await TimeAsync() - TimeSpan.FromMinutes(1), await TimeAsync());
    }

    [Fact]
    public async Task An_unknown_account_is_null()
    {
        Assert.Null(await Accounts.FindAsync(Samples.Id(), Cancel));
        Assert.Null(await Accounts.FindCredentialsAsync("nobody@example.com", Cancel));
        Assert.Null(await Accounts.FindCredentialsAsync(Samples.Id(), Cancel));
    }

    [Fact]
    public async Task An_email_in_another_case_is_taken_and_changes_nothing()
    {
        var first = NewAccount("ann@example.com");
        var second = NewAccount("ANN@Example.com");
        Assert.True(await Accounts.AddAsync(first, Cancel));

        Assert.False(await Accounts.AddAsync(second, Cancel));

        Assert.Null(await Accounts.FindAsync(second.UserId, Cancel));
        var found = await Accounts.FindCredentialsAsync("aNN@example.COM", Cancel);
        Assert.Equal((first.UserId, first.PasswordHash), (found!.Account.UserId, found.PasswordHash));
    }

    [Theory]
    [InlineData("jose\u0301@example.com")]
    [InlineData("JOS\u00c9@Example.com")]
    [InlineData("\uff4aos\u00e9@example.com")]
    public async Task An_email_in_another_form_of_its_letters_is_taken(string other)
    {
        var first = NewAccount("jos\u00e9@example.com");
        Assert.True(await Accounts.AddAsync(first, Cancel));

        Assert.False(await Accounts.AddAsync(NewAccount(other), Cancel));
        Assert.Equal(FirstAdministratorStatus.EmailTaken, await Accounts.AddFirstAdministratorAsync(NewAccount(other), Cancel));

        Assert.Equal(first.UserId, (await Accounts.FindCredentialsAsync(other, Cancel))!.Account.UserId);
        Assert.Equal("jos\u00e9@example.com", (await Accounts.FindAsync(first.UserId, Cancel))!.Email);
    }

    [Fact]
    public async Task A_person_whom_something_else_has_added_keeps_the_email()
    {
        var user = await AddUserAsync("of before");

        Assert.False(await Accounts.AddAsync(NewAccount($"{user:N}@EXAMPLE.com"), Cancel));

        Assert.Equal(user, (await Accounts.FindCredentialsAsync($"{user:N}@EXAMPLE.com", Cancel))!.Account.UserId);
    }

    [Fact]
    public async Task Of_concurrent_registrations_of_one_email_in_different_case_one_wins()
    {
        var accounts = Enumerable.Range(0, 16).Select(i => NewAccount(i % 2 == 0 ? "one@example.com" : "ONE@example.com")).ToArray();

        var added = await Task.WhenAll(accounts.Select(account => Accounts.AddAsync(account, Cancel)));

        var winner = accounts[Array.IndexOf(added, true)];
        Assert.Single(added, true);
        Assert.Equal(winner.UserId, (await Accounts.FindCredentialsAsync("one@example.com", Cancel))!.Account.UserId);
    }

    [Fact]
    public async Task Credentials_are_found_by_email_and_by_id()
    {
        var account = await AddAccountAsync();

        var byEmail = await Accounts.FindCredentialsAsync(account.Email.ToUpperInvariant(), Cancel);
        var byId = await Accounts.FindCredentialsAsync(account.UserId, Cancel);

        Assert.Equal(byEmail, byId);
        Assert.Equal(account.PasswordHash, byId!.PasswordHash);
        Assert.DoesNotContain(account.PasswordHash, byId.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_who_never_had_a_password_has_an_account_of_role_user_without_one()
    {
        var user = await AddUserAsync("of before");

        var found = await Accounts.FindCredentialsAsync($"{user:N}@example.com", Cancel);

        Assert.Null(found!.PasswordHash);
        Assert.Equal((user, AccountRole.User), (found.Account.UserId, found.Account.Role));
        Assert.False(await Accounts.SetPasswordAsync(user, "hash", "", Cancel));
    }

    [Fact]
    public async Task Of_concurrent_first_administrators_one_is_added()
    {
        var accounts = Enumerable.Range(0, 12).Select(i => NewAccount($"admin{i}@example.com")).ToArray();

        var results = await Task.WhenAll(accounts.Select(account => Accounts.AddFirstAdministratorAsync(account, Cancel)));

        Assert.Single(results, FirstAdministratorStatus.Added);
        Assert.Equal(11, results.Count(result => result == FirstAdministratorStatus.ThereIsOne));
        var only = Assert.Single((await Accounts.ListAsync(new AccountFilter(), null, 50, Cancel)).Accounts);
        Assert.Equal(AccountRole.Admin, only.Role);
    }

    [Fact]
    public async Task A_first_administrator_does_not_take_somebodys_email()
    {
        var account = await AddAccountAsync();
        var administrator = NewAccount(account.Email.ToUpperInvariant());

        Assert.Equal(FirstAdministratorStatus.EmailTaken, await Accounts.AddFirstAdministratorAsync(administrator, Cancel));

        Assert.Equal(AccountRole.User, (await Accounts.FindAsync(account.UserId, Cancel))!.Role);
        Assert.Equal(
            FirstAdministratorStatus.Added, await Accounts.AddFirstAdministratorAsync(administrator with { Email = "root@example.com" }, Cancel));
    }

    [Fact]
    public async Task A_password_is_set_only_where_it_is_the_one_that_was_read()
    {
        var account = await AddAccountAsync();

        Assert.True(await Accounts.SetPasswordAsync(account.UserId, "second", account.PasswordHash, Cancel));
        Assert.False(await Accounts.SetPasswordAsync(account.UserId, "third", account.PasswordHash, Cancel));
        Assert.False(await Accounts.SetPasswordAsync(Samples.Id(), "third", "second", Cancel));

        Assert.Equal("second", (await Accounts.FindCredentialsAsync(account.UserId, Cancel))!.PasswordHash);
    }

    [Fact]
    public async Task Of_concurrent_changes_of_one_password_one_wins()
    {
        var account = await AddAccountAsync();
        var set = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => Accounts.SetPasswordAsync(account.UserId, $"new{i}", account.PasswordHash, Cancel)));
        Assert.Equal($"new{Array.IndexOf(set, true)}", (await Accounts.FindCredentialsAsync(account.UserId, Cancel))!.PasswordHash);
        Assert.Single(set, true);
    }

    [Fact]
    public async Task A_role_is_set_and_told_to_the_fronts()
    {
        var account = await AddAccountAsync();

        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetRoleAsync(account.UserId, AccountRole.Admin, Cancel));
        Assert.Equal(AccountChangeStatus.UnknownAccount, await Accounts.SetRoleAsync(Samples.Id(), AccountRole.Admin, Cancel));

        Assert.Equal(AccountRole.Admin, (await Accounts.FindAsync(account.UserId, Cancel))!.Role);
        var change = Assert.Single(await ChangesAsync());
        Assert.Equal((AccessSubject.Account, account.UserId, false, AccountRole.Admin), (change.Subject, change.Id, change.IsBlocked, change.Role));
    }

    [Fact]
    public async Task A_ban_ends_all_sessions_and_tells_the_fronts()
    {
        var (account, other) = (await AddAccountAsync(), await AddAccountAsync());
        var (first, second, others) = (await AddSessionAsync(account.UserId), await AddSessionAsync(account.UserId), await AddSessionAsync(other.UserId));

        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(account.UserId, true, Cancel));

        Assert.NotNull((await Accounts.FindAsync(account.UserId, Cancel))!.BannedAt);
        Assert.Empty(await Sessions.ListAsync(account.UserId, 10, Cancel));
        Assert.Equal(others.SessionId, Assert.Single(await Sessions.ListAsync(other.UserId, 10, Cancel)).SessionId);
        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(first)).Status);
        var changes = (await ChangesAsync()).ToDictionary(change => change.Id);
        Assert.Equal(Ascending([account.UserId, first.SessionId, second.SessionId]), Ascending(changes.Keys));
        Assert.All(changes.Values, change => Assert.True(change.IsBlocked));
        Assert.Equal(AccessSubject.Session, changes[second.SessionId].Subject);
        Assert.Null(changes[second.SessionId].Role);
        Assert.Equal(AccountRole.User, changes[account.UserId].Role);
    }

    [Fact]
    public async Task A_ban_that_is_repeated_keeps_its_time_and_one_that_is_lifted_is_gone()
    {
        var account = await AddAccountAsync();
        await Accounts.SetBannedAsync(account.UserId, true, Cancel);
        await Fixture.AdvanceAsync(TimeSpan.FromSeconds(1));
        var bannedAt = (await Accounts.FindAsync(account.UserId, Cancel))!.BannedAt;

        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(account.UserId, true, Cancel));
        Assert.Equal(bannedAt, (await Accounts.FindAsync(account.UserId, Cancel))!.BannedAt);
        Assert.NotNull(bannedAt);

        Assert.Equal(AccountChangeStatus.Changed, await Accounts.SetBannedAsync(account.UserId, false, Cancel));
        Assert.Null((await Accounts.FindAsync(account.UserId, Cancel))!.BannedAt);
        Assert.False((await ChangesAsync()).Single(change => change.Id == account.UserId).IsBlocked);
        Assert.Equal(AccountChangeStatus.UnknownAccount, await Accounts.SetBannedAsync(Samples.Id(), true, Cancel));
    }

    [Fact]
    public async Task A_role_that_is_set_while_banned_leaves_the_account_blocked()
    {
        var account = await AddAccountAsync();
        await Accounts.SetBannedAsync(account.UserId, true, Cancel);

        await Accounts.SetRoleAsync(account.UserId, AccountRole.Admin, Cancel);

        var change = Assert.Single(await ChangesAsync());
        Assert.Equal((true, AccountRole.Admin), (change.IsBlocked, change.Role));
    }

    [Fact]
    public async Task Concurrent_role_and_ban_leave_a_change_that_is_as_the_account()
    {
        var account = await AddAccountAsync();
        var other = await AddAdministratorAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => i % 2 == 0
            ? Accounts.SetRoleAsync(account.UserId, i % 4 == 0 ? AccountRole.Admin : AccountRole.User, Cancel)
            : Accounts.SetBannedAsync(account.UserId, i % 4 == 1, Cancel)));

        var now = (await Accounts.FindAsync(account.UserId, Cancel))!;
        var change = Assert.Single(await ChangesAsync(), change => change.Id != other);
        Assert.Equal((now.BannedAt is not null, (AccountRole?)now.Role), (change.IsBlocked, change.Role));
    }

    [Fact]
    public async Task Removing_an_account_removes_all_that_hangs_on_it_and_blocks_its_tokens()
    {
        var (account, other, title) = (await AddAccountAsync(), await AddAccountAsync(), await AddTitleAsync());
        var (session, others) = (await AddSessionAsync(account.UserId), await AddSessionAsync(other.UserId));
        Fixture.ActivityBatches.Write("w", 1, new ActivityBatch([Watched(account.UserId, title), Watched(other.UserId, title)], []));

        Assert.Equal(AccountChangeStatus.Changed, await Accounts.RemoveAsync(account.UserId, Cancel));

        Assert.Null(await Accounts.FindAsync(account.UserId, Cancel));
        Assert.Null(await Accounts.FindCredentialsAsync(account.Email, Cancel));
        Assert.Equal(RotationStatus.Invalid, (await RotateAsync(session)).Status);
        Assert.Null(await Fixture.Activity.GetResumePositionAsync(account.UserId, title, Cancel));
        Assert.Equal(other.UserId, Assert.Single((await ListAllAsync(new AccountFilter(), 5))).UserId);
        Assert.Equal(RotationStatus.Rotated, (await RotateAsync(others)).Status);
        Assert.NotNull(await Fixture.Activity.GetResumePositionAsync(other.UserId, title, Cancel));
        Assert.True((await ChangesAsync()).Single(change => change.Id == account.UserId).IsBlocked);
    }

    [Fact]
    public async Task An_account_is_removed_once_and_its_email_is_free_again()
    {
        var account = await AddAccountAsync();

        var removed = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Accounts.RemoveAsync(account.UserId, Cancel)));

        Assert.Single(removed, AccountChangeStatus.Changed);
        Assert.True(await Accounts.AddAsync(NewAccount(account.Email), Cancel));
        Assert.Equal(AccountChangeStatus.UnknownAccount, await Accounts.RemoveAsync(Samples.Id(), Cancel));
    }

    private SessionProgress Watched(Guid user, Guid title) => new(
        Samples.Id(), user, title, Fixture.Now, 60, 60, null, false,
        new ViewingPeriod(Fixture.Now, Fixture.Now, 0, 0, 0), new TitleProgress(new ResumePosition(title, 60, 600, false, Fixture.Now), null, null));
}

public sealed class SqliteAccountStoreTests() : AccountStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresAccountStoreTests() : AccountStoreContract(new ServersFixture());
