using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class FirstAdministratorTests
{
    private const string Email = "root@example.com";

    [Fact]
    public async Task The_configured_administrator_is_made_once_and_never_changed()
    {
        using var folder = new TemporaryFolder();
        await using (var first = await StartAsync(new EmbeddedFixture(folder), "first password"))
            await UntilThereAsync(first);

        await using var silo = await StartAsync(new EmbeddedFixture(folder), "second password");
        var account = Assert.Single((await silo.Accounts().ListAsync(new AccountFilter(), null, 10, TestContext.Current.CancellationToken)).Accounts);
        Assert.Equal((Email, AccountRole.Admin), (account.Email, account.Role));
        Assert.Equal(LoginStatus.LoggedIn, (await silo.LogInAsync(Email, "first password")).Status);
        Assert.Equal(LoginStatus.Invalid, (await silo.LogInAsync(Email, "second password")).Status);
    }

    [Theory]
    [InlineData(Email, "short")]
    [InlineData(Email, null)]
    [InlineData("nobody.example", "long enough")]
    [InlineData(null, "long enough")]
    public async Task A_bad_one_fails_the_start_with_a_message_that_does_not_tell_it(string? email, string? password)
    {
        await using var stores = new EmbeddedFixture();
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(stores, password, email));
        Assert.Contains("Auth:FirstAdministrator", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(email ?? password!, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(password ?? email!, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configured_administrator_is_tried_until_it_is_there_and_failures_end_nothing()
    {
        using var passwords = new PasswordsDouble();
        var hasher = new FailingHasher(passwords, new OperationCanceledException("A foreign one."), new StoreUnavailableException("Away.", new IOException()));
        await using var silo = await StartAsync(new EmbeddedFixture(), "first password", passwords: hasher);
        await UntilThereAsync(silo);
    }

    [Fact]
    public async Task An_e_mail_that_is_taken_is_tried_again_until_it_is_free()
    {
        using var folder = new TemporaryFolder();
        var taken = new NewAccount(Guid.NewGuid(), Email, "somebody", AccountRole.User, "no hash");
        await using (var stores = new EmbeddedFixture(folder))
        {
            await stores.OpenAsync();
            Assert.True(await stores.Accounts.AddAsync(taken, TestContext.Current.CancellationToken));
        }

        await using var silo = await StartAsync(new EmbeddedFixture(folder), "first password");
        Assert.Equal(AccountRole.User, (await silo.Account(taken.UserId).GetAsync(TestContext.Current.CancellationToken))!.Role);
        Assert.Null(Assert.Single(Loops(silo)).LastSuccess);

        await silo.Account(taken.UserId).DeleteAsync();

        await UntilThereAsync(silo);
        await Poll.UntilAsync(() => Task.FromResult(Loops(silo) is [] ? null : "health would tell it as one that is silent"));
    }

    private static LoopState[] Loops(SiloFixture silo) =>
        [.. silo.Services.GetRequiredService<BackgroundLoops>().List().Where(loop => loop.Name == "first_administrator")];

    private static Task UntilThereAsync(SiloFixture silo) => Poll.UntilAsync(async () =>
        (await silo.Accounts().ListAsync(new AccountFilter(Role: AccountRole.Admin), null, 10)).Accounts is [{ Email: Email }] ? null : "there is none");

    private static Task<SiloFixture> StartAsync(EmbeddedFixture stores, string? password, string? email = Email, IPasswordHasher<Account>? passwords = null)
    {
        var settings = new List<(string, string)>();
        if (email is not null)
            settings.Add(("Auth:FirstAdministrator:Email", email));

        if (password is not null)
            settings.Add(("Auth:FirstAdministrator:Password", password));

        return SiloFixture.StartAsync(stores, passwords: passwords, settings: [.. settings]);
    }

    /// <summary>A double: hashes one password only after it has failed in each of these ways.</summary>
    private sealed class FailingHasher(PasswordsDouble hasher, params Exception[] failures) : IPasswordHasher<Account>
    {
        private int failed;

        public string HashPassword(Account user, string password) =>
            password == "first password" && failed < failures.Length ? throw failures[failed++] : hasher.HashPassword(user, password);

        public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword) =>
            hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
