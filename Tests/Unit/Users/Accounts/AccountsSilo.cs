using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

/// <summary>A silo with people who have accounts.</summary>
internal static class AccountsSilo
{
    public const string Password = "correct horse";

    public static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    public static IAccountsGrain Accounts(this SiloFixture silo) => silo.Grains.GetGrain<IAccountsGrain>(0);

    public static IAccountGrain Account(this SiloFixture silo, Guid userId) => silo.Grains.GetGrain<IAccountGrain>(userId);

    public static IAccessGrain Access(this SiloFixture silo) => silo.Grains.GetGrain<IAccessGrain>(0);

    /// <summary>The e-mail and the user id of a new account.</summary>
    public static async Task<(string Email, Guid UserId)> RegisterAsync(this SiloFixture silo, string password = Password)
    {
        var email = NewEmail();
        var result = await silo.TryRegisterAsync(email, password);
        Assert.Equal(RegisterStatus.Registered, result.Status);
        return (email, result.UserId!.Value);
    }

    public static Task<RegisterResult> TryRegisterAsync(this SiloFixture silo, string email, string password = Password) =>
        silo.Accounts().RegisterAsync(new Registration(email, password, "Ann"), TestContext.Current.CancellationToken);

    public static Task<LoginResult> LogInAsync(
        this SiloFixture silo, string email, string password = Password, string address = "192.0.2.1", string? device = null) =>
        silo.Grains.GetGrain<ILoginGrain>(EmailAddress.Key(email)).LogInAsync(
            new LoginAttempt(email, password, address, device), TestContext.Current.CancellationToken);

    public static async Task<SessionGrant> EnterAsync(this SiloFixture silo, string email)
    {
        var result = await silo.LogInAsync(email);
        Assert.Equal(LoginStatus.LoggedIn, result.Status);
        return result.Grant!;
    }

    /// <summary>What a front would know of the subject; null when it is not listed.</summary>
    public static async Task<AccessChange?> ChangeOfAsync(this SiloFixture silo, Guid id) =>
        (await silo.Access().GetAsync(null)).Changes.SingleOrDefault(change => change.Id == id);
}
