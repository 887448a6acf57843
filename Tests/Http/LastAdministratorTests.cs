using Microsoft.Extensions.Hosting;

namespace Streaming.Tests.Http;

/// <summary>An installation whose only administrator is the configured one.</summary>
[Collection(HttpTests.Name)]
public sealed class LastAdministratorTests : IAsyncLifetime
{
    private const string Email = "root@example.com";

    private readonly StreamingApplication application = new(
        Environments.Development, ("Compatibility:OpenAccess", "false"), ("Seed:Enabled", "false"),
        ("Auth:FirstAdministrator:Email", Email), ("Auth:FirstAdministrator:Password", Person.FirstPassword));

    private Api Api => application.Api;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => application.DisposeAsync();

    [Fact]
    public async Task The_only_administrator_cannot_leave_and_of_two_who_leave_at_once_one_stays()
    {
        var root = await Person.LogInAsync(Api, Email);
        (await LeaveAsync(root)).IsProblem(409);
        (await Api.GetAsync("/api/admin/users", root.Token)).IsJson();

        var second = await AddAdministratorAsync(root);
        var answers = await Task.WhenAll(LeaveAsync(root), LeaveAsync(second));

        Assert.Equal([200, 409], answers.Select(answer => answer.Status).Order());
        var left = answers[0].Status == 409 ? root : second;
        (await Api.GetAsync("/api/admin/users?role=admin", left.Token)).IsJson();

        // And of two who demote each other.
        var third = await AddAdministratorAsync(left);
        answers = await Task.WhenAll(DemoteAsync(left, third), DemoteAsync(third, left));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 403 or 409, answer.Text));
    }

    [Fact]
    public async Task Api_key_is_good_no_longer_than_its_maker_is_an_administrator()
    {
        var root = await Person.LogInAsync(Api, Email);
        var outcomes = new List<int>();
        foreach (var (method, path, body) in ((string, string, string?)[])[("PUT", "role", """{"role":"user"}"""), ("POST", "ban", null), ("DELETE", "", null)])
        {
            var maker = await AddAdministratorAsync(root);
            var made = (await Api.PostAsync("/api/admin/api-keys", """{"name":"edge"}""", maker.Token)).IsJson(201).Json;
            var key = ("Authorization", $"ApiKey {made.GetProperty("secret").GetString()}");
            (await Api.PostAsync("/api/v1/views", "[]", key)).IsJson();

            (await Api.SendAsync(method, $"/api/admin/users/{maker.UserId}/{path}".TrimEnd('/'), body is null ? null : Api.Json(body), root.Token)).IsJson();

            outcomes.Add((await Api.PostAsync("/api/v1/views", "[]", key)).Status);
        }

        Assert.Equal([401, 401, 401], outcomes);
        var listed = (await Api.GetAsync("/api/admin/api-keys", root.Token)).IsJson().Json.EnumerateArray().ToList();
        Assert.All(listed, row => Shape.IsMoment(row.GetProperty("revoked_at")));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, listed[0].GetProperty("made_by").ValueKind);
    }

    private async Task<Person> AddAdministratorAsync(Person by)
    {
        var email = $"{Guid.NewGuid():N}@example.com";
        (await Api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        var person = await Person.LogInAsync(Api, email);
        (await Api.SendAsync("PUT", $"/api/admin/users/{person.UserId}/role", Api.Json("""{"role":"admin"}"""), by.Token)).IsJson();
        return person;
    }

    private Task<Answer> DemoteAsync(Person by, Person whom) =>
        Api.SendAsync("PUT", $"/api/admin/users/{whom.UserId}/role", Api.Json("""{"role":"user"}"""), by.Token);

    private Task<Answer> LeaveAsync(Person person) =>
        Api.SendAsync("DELETE", "/api/users/me", Api.Json($$"""{"password":"{{Person.FirstPassword}}"}"""), person.Token);
}
