using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Users;

namespace Streaming.Tests.Http;

/// <summary>The program where nobody gets in without saying who they are, and real accounts in it.</summary>
public sealed class ClosedApplication() : StreamingApplication(
    Environments.Development, ("Compatibility:OpenAccess", "false"), ("Auth:PreviousSigningKey", PreviousKey))
{
    public const string PreviousKey = "the key before the signing key of these tests";

    private int people;

    internal IGrainFactory Grains
    {
        get
        {
            _ = Api;
            return Services.GetRequiredService<IGrainFactory>();
        }
    }

    /// <summary>A new account that is logged in.</summary>
    internal async Task<Person> SignUpAsync(AccountRole role = AccountRole.User)
    {
        var email = $"person{Interlocked.Increment(ref people)}.{Guid.NewGuid():N}@example.com";
        (await Api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        var person = await Person.LogInAsync(Api, email);
        if (role == AccountRole.User)
            return person;

        await Grains.GetGrain<IAccountGrain>(person.UserId).SetRoleAsync(role);
        return await Person.LogInAsync(Api, email);
    }
}

/// <summary>One application for all classes that name it.</summary>
[CollectionDefinition(Name)]
public sealed class ClosedTests : ICollectionFixture<ClosedApplication>
{
    public const string Name = "HttpClosed";
}
