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
        await using (await StartAsync(new EmbeddedFixture(folder), "first password"))
        {
        }

        await using var silo = await StartAsync(new EmbeddedFixture(folder), "second password");
        var account = Assert.Single((await silo.Accounts().ListAsync(new AccountFilter(), null, 10)).Accounts);
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

    private static Task<SiloFixture> StartAsync(EmbeddedFixture stores, string? password, string? email = Email)
    {
        var settings = new List<(string, string)>();
        if (email is not null)
            settings.Add(("Auth:FirstAdministrator:Email", email));

        if (password is not null)
            settings.Add(("Auth:FirstAdministrator:Password", password));

        return SiloFixture.StartAsync(stores, settings: [.. settings]);
    }
}
