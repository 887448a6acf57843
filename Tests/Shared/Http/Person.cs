using System.Text.Json;
using Streaming.Tests.Auth;

namespace Streaming.Tests.Http;

/// <summary>An account that is logged in.</summary>
internal sealed record Person(string Email, Guid UserId, string AccessToken, string RefreshToken)
{
    public const string FirstPassword = "correct horse";

    public (string Name, string Value) Token => ("Authorization", "Bearer " + AccessToken);

    public static async Task<Person> LogInAsync(Api api, string email, string password = FirstPassword)
    {
        var answer = (await api.PostAsync("/api/users/login", $$"""{"email":"{{email}}","password":"{{password}}"}""")).IsJson().Json;
        return From(email, answer);
    }

    public static Person From(string email, JsonElement answer)
    {
        var token = answer.GetProperty("token").GetString()!;
        return new Person(
            email, Guid.Parse(TokenParts.Payload(token)["id"]!.GetValue<string>()), token, answer.GetProperty("refresh_token").GetString()!);
    }
}
