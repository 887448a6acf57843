using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class AccountsGrainTests : IAsyncLifetime
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
    public async Task An_account_begins_as_a_user_and_its_e_mail_is_taken_in_any_case()
    {
        var (email, userId) = await silo.RegisterAsync();
        var account = await silo.Account(userId).GetAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new Account(userId, email, "Ann", AccountRole.User, silo.Stores.Now, null), account);
        Assert.Equal(new RegisterResult(RegisterStatus.EmailTaken, null), await silo.TryRegisterAsync(email.ToUpperInvariant()));
        Assert.Null(await silo.Account(silo.Samples.Id()).GetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task There_is_one_first_administrator_and_no_account_is_promoted()
    {
        var accounts = silo.Accounts();
        var (email, userId) = await silo.RegisterAsync();
        Assert.Equal(FirstAdministratorStatus.EmailTaken, await accounts.AddFirstAdministratorAsync(Registration(email)));

        var statuses = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => accounts.AddFirstAdministratorAsync(Registration(AccountsSilo.NewEmail()))));
        Assert.Equal(1, statuses.Count(s => s == FirstAdministratorStatus.Added));
        Assert.Equal(3, statuses.Count(s => s == FirstAdministratorStatus.ThereIsOne));
        Assert.Equal(AccountRole.User, (await silo.Account(userId).GetAsync(TestContext.Current.CancellationToken))!.Role);

        Assert.Equal(RegisterStatus.Registered, (await accounts.AddAdministratorAsync(Registration(AccountsSilo.NewEmail()))).Status);
        Assert.Equal(2, (await accounts.ListAsync(new AccountFilter(Role: AccountRole.Admin), null, 10, TestContext.Current.CancellationToken)).Accounts.Length);
    }

    [Fact]
    public async Task A_list_has_at_most_two_hundred_accounts()
    {
        for (var i = 0; i < 3; i++)
            await silo.RegisterAsync();

        Assert.Single((await silo.Accounts().ListAsync(new AccountFilter(), null, 0, TestContext.Current.CancellationToken)).Accounts);
        Assert.Equal(3, (await silo.Accounts().ListAsync(new AccountFilter(), null, int.MaxValue, TestContext.Current.CancellationToken)).Accounts.Length);
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_and_brings_the_role_of_now()
    {
        var (email, userId) = await silo.RegisterAsync();
        var first = await silo.EnterAsync(email);
        await silo.Account(userId).SetRoleAsync(AccountRole.Admin);
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(29));

        var second = (await silo.Accounts().RefreshAsync(first.RefreshToken)).Grant!;
        Assert.Equal((first.SessionId, AccountRole.Admin), (second.SessionId, second.Account.Role));
        Assert.NotEqual(first.RefreshToken, second.RefreshToken);
        Assert.Equal(silo.Stores.Now.AddDays(30), second.RefreshExpiresAt);

        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(29));
        Assert.Equal(RefreshStatus.Refreshed, (await silo.Accounts().RefreshAsync(second.RefreshToken)).Status);
    }

    [Fact]
    public async Task Everybody_who_refreshes_with_one_token_within_ten_seconds_gets_the_same_next_one()
    {
        var (email, userId) = await silo.RegisterAsync();
        var grant = await silo.EnterAsync(email);

        var first = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => silo.Accounts().RefreshAsync(grant.RefreshToken)));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(9));
        var late = await silo.Accounts().RefreshAsync(grant.RefreshToken);

        var next = Assert.Single(first.Append(late).Select(result => result.Grant!).Distinct());
        Assert.Equal((grant.SessionId, userId), (next.SessionId, next.Account.UserId));
        Assert.Equal(RefreshStatus.Refreshed, (await silo.Accounts().RefreshAsync(next.RefreshToken)).Status);
        Assert.Null(await silo.ChangeOfAsync(grant.SessionId));
    }

    [Fact]
    public void What_is_stored_of_the_next_token_is_read_with_the_one_before_alone()
    {
        var (token, before) = (Secret.New(), Secret.New());
        var content = SealedToken.Seal(token, before);
        Assert.Equal(token, SealedToken.Open(content, before));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => SealedToken.Open(content, Secret.New()));
        Assert.NotEqual(content, SealedToken.Seal(token, before));
    }

    [Fact]
    public async Task A_refresh_token_used_twice_ends_its_session_and_the_fronts_learn_of_it()
    {
        var (email, userId) = await silo.RegisterAsync();
        var (grant, other) = (await silo.EnterAsync(email), await silo.EnterAsync(email));
        var next = (await silo.Accounts().RefreshAsync(grant.RefreshToken)).Grant!;
        Assert.Null(await silo.ChangeOfAsync(grant.SessionId));
        await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(new RefreshResult(RefreshStatus.Reused, null, userId), await silo.Accounts().RefreshAsync(grant.RefreshToken));

        Assert.True((await silo.ChangeOfAsync(grant.SessionId))!.IsBlocked);
        Assert.Equal(RefreshStatus.Invalid, (await silo.Accounts().RefreshAsync(next.RefreshToken)).Status);
        Assert.Equal([other.SessionId], (await silo.Account(userId).ListSessionsAsync(TestContext.Current.CancellationToken)).Select(s => s.SessionId));
    }

    [Fact]
    public async Task An_unknown_or_expired_refresh_token_is_invalid()
    {
        Assert.Equal(new RefreshResult(RefreshStatus.Invalid, null, null), await silo.Accounts().RefreshAsync(Secret.New()));
        var (email, _) = await silo.RegisterAsync();
        var grant = await silo.EnterAsync(email);
        await silo.Stores.AdvanceAsync(TimeSpan.FromDays(30));
        Assert.Equal((RefreshStatus.Invalid, null), ((await silo.Accounts().RefreshAsync(grant.RefreshToken)) is var r ? (r.Status, r.Grant) : default));
    }

    [Fact]
    public async Task Nothing_secret_is_printed_with_a_record()
    {
        var (email, _) = await silo.RegisterAsync();
        var grant = await silo.EnterAsync(email);
        foreach (var text in (string[])[$"{grant}", $"{new RefreshResult(RefreshStatus.Refreshed, grant, null)}", $"{Registration(email)}"])
        {
            Assert.DoesNotContain(grant.RefreshToken, text, StringComparison.Ordinal);
            Assert.DoesNotContain(AccountsSilo.Password, text, StringComparison.Ordinal);
        }
    }

    private static Registration Registration(string email) => new(email, AccountsSilo.Password, "Root");
}
