using Microsoft.Extensions.Hosting;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ClosedAccessTests
{
    private static readonly Guid Anybody = Guid.Parse("7d13bded-8b2c-13b5-cb14-640d3a4252f4");

    [Fact]
    public async Task Routes_that_need_an_account_are_refused_without_one_when_access_is_not_open()
    {
        await using var closed = new StreamingApplication(Environments.Development, ("Compatibility:OpenAccess", "false"), ("Auth:RefreshGraceSeconds", "0"));
        await RefusesAsync(closed.Api);
        await EndsTheSessionOfARefreshTokenThatIsUsedAfterItsGraceAsync(closed.Api);

        var title = (await closed.Api.GetAsync("/api/v1/content/ids?limit=1")).IsJson().Json[0].GetGuid();
        (await closed.Api.GetAsync($"/api/v1/content/{title}")).IsJson();
        (await closed.Api.GetAsync($"/api/v1/content/{title}/details")).IsJson();
        (await closed.Api.GetAsync($"/api/v1/content/{title}/reviews")).IsJson();
        (await closed.Api.GetAsync("/api/v1/content/trending/daily")).IsJson();
        Assert.Equal("View count incremented", (await closed.Api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200).Text);
    }

    private static async Task EndsTheSessionOfARefreshTokenThatIsUsedAfterItsGraceAsync(Api api)
    {
        const string Sessions = "/api/users/sessions";
        var email = $"{Guid.NewGuid():N}@example.com";
        (await api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        var person = await Person.LogInAsync(api, email);
        var next = Person.From(email, (await RefreshAsync(person)).IsJson().Json);
        var last = Person.From(email, (await RefreshAsync(next)).IsJson().Json);
        (await api.GetAsync(Sessions, last.Token)).IsJson();

        (await RefreshAsync(person)).IsProblem(401, error: "Invalid or expired token");

        (await RefreshAsync(last)).IsProblem(401, error: "Invalid or expired token");
        foreach (var token in (Person[])[person, next, last])
            (await api.GetAsync(Sessions, token.Token)).IsProblem(401, error: "Invalid or expired token");

        Task<Answer> RefreshAsync(Person with) => api.PostAsync("/api/users/refresh", $$"""{"refresh_token":"{{with.RefreshToken}}"}""");
    }

    [Fact]
    public async Task Routes_that_need_an_account_are_refused_without_one_in_Production()
    {
        await using var production = new StreamingApplication(Environments.Production);
        await RefusesAsync(production.Api);

        // No demo data outside Development.
        Assert.Equal("[]", (await production.Api.GetAsync("/api/v1/content/ids")).IsJson().Text);
        Assert.Equal("[]", (await production.Api.GetAsync("/api/v1/content/trending/weekly")).IsJson().Text);
        (await production.Api.GetAsync("/")).Is(200);
        (await production.Api.PostAsync($"/api/v1/content/{Anybody}/views/increment")).IsProblem(404);
    }

    private static async Task RefusesAsync(Api api)
    {
        (await api.GetAsync("/api/v1/content/users/ids")).IsProblem(401, error: "Token not provided");
        (await api.GetAsync($"/api/v1/content/users/{Anybody}/watch-history")).IsProblem(401, error: "Token not provided");
        (await api.PostAsync($"/api/v1/content/{Anybody}/reviews", $$"""{"user_id":"{{Anybody}}","rating":5}""")).IsProblem(401, error: "Token not provided");
        (await api.PostAsync($"/api/v1/content/{Anybody}/views", """{"count":5}""")).IsProblem(401, error: "Token not provided");
        (await api.PostAsync("/api/v1/views", "[]")).IsProblem(401, error: "Token not provided");
        (await api.PutAsync($"/api/v1/users/{Anybody}/progress/{Anybody}", "{}")).IsProblem(401, error: "Token not provided");
        (await api.GetAsync($"/api/v1/users/{Anybody}/progress/{Anybody}")).IsProblem(401, error: "Token not provided");
        (await api.GetAsync($"/api/v1/users/{Anybody}/progress")).IsProblem(401, error: "Token not provided");
    }
}
