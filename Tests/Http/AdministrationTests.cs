using Streaming.Users;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class AdministrationTests(ClosedApplication application)
{
    private const string Users = "/api/admin/users";
    private const string Keys = "/api/admin/api-keys";

    private readonly Api api = application.Api;

    [Fact]
    public async Task Accounts_are_found_and_paged()
    {
        var admin = application.Administrator();
        var mark = Guid.NewGuid().ToString("N");
        for (var i = 0; i < 3; i++)
            (await api.PostAsync("/api/users/register", $$"""{"email":"{{i}}{{mark}}@example.com","password":"correct horse","username":"N{{i}}"}""")).IsJson();

        var pages = new List<Answer>();
        for (string? next = $"{Users}?search={mark.ToUpperInvariant()}&limit=2"; next is not null; next = pages[^1].Next)
            pages.Add((await api.GetAsync(next, admin)).IsJson());

        Assert.Equal([2, 1], pages.Select(page => page.Json.GetArrayLength()));
        var rows = pages.SelectMany(page => page.Json.EnumerateArray()).ToList();
        Assert.Equal(["N2", "N1", "N0"], rows.Select(row => row.GetProperty("username").GetString()));
        Assert.All(rows, row => Assert.Equal("id:String email:String username:String created_at:String role:String banned_at:Null", Shape.Of(row)));
        Assert.Equal("[]", (await api.GetAsync($"{Users}?search={mark}&role=admin", admin)).IsJson().Text);
        Assert.Equal("[]", (await api.GetAsync($"{Users}?search={mark}&banned=true", admin)).IsJson().Text);
    }

    [Fact]
    public async Task Ban_ends_tokens_and_log_ins_until_it_is_lifted()
    {
        var person = await application.SignUpAsync();
        var credentials = $$"""{"email":"{{person.Email}}","password":"{{Person.FirstPassword}}"}""";

        Assert.Equal("""{"message":"User banned successfully"}""", (await PostAsync($"{Users}/{person.UserId}/ban")).IsJson().Text);
        (await api.GetAsync("/api/users/sessions", person.Token)).IsProblem(401, error: "Invalid or expired token");
        (await api.PostAsync("/api/users/login", credentials)).IsProblem(403);
        var refresh = await api.PostAsync("/api/users/refresh", $$"""{"refresh_token":"{{person.RefreshToken}}"}""");
        Assert.True(refresh.Status is 401 or 403, refresh.Text);

        Assert.Equal("""{"message":"User unbanned successfully"}""", (await PostAsync($"{Users}/{person.UserId}/unban")).IsJson().Text);
        (await api.GetAsync("/api/users/sessions", (await Person.LogInAsync(api, person.Email)).Token)).IsJson();
        (await api.GetAsync("/api/users/sessions", person.Token)).IsProblem(401, error: "Invalid or expired token");
    }

    [Fact]
    public async Task Ban_by_another_front_is_known_within_the_poll()
    {
        var person = await application.SignUpAsync();
        (await api.GetAsync("/api/users/sessions", person.Token)).IsJson();

        await application.Grains.GetGrain<IAccountGrain>(person.UserId).SetBannedAsync(true);

        await Poll.UntilAsync(async () => (await api.GetAsync("/api/users/sessions", person.Token)).Status is var status and not 401 ? $"{status}" : null);
    }

    [Fact]
    public async Task Role_that_is_set_holds_for_tokens_from_before()
    {
        var person = await application.SignUpAsync();
        (await api.GetAsync(Users, person.Token)).IsProblem(403, message: "Access denied. Admin role required.");

        // One stays.
        await application.SignUpAsync(AccountRole.Admin);
        await SetRoleAsync(person.UserId, "admin");
        (await api.GetAsync(Users, person.Token)).IsJson();
        var admin = await Person.LogInAsync(api, person.Email);

        await SetRoleAsync(person.UserId, "user");
        foreach (var token in ((string, string)[])[person.Token, admin.Token])
            (await api.GetAsync(Users, token)).IsProblem(403);
    }

    [Fact]
    public async Task Administrators_cannot_ban_demote_or_delete_themselves()
    {
        var admin = await application.SignUpAsync(AccountRole.Admin);

        (await api.PostAsync($"{Users}/{admin.UserId}/ban", null, admin.Token)).IsProblem(409);
        (await api.SendAsync("PUT", $"{Users}/{admin.UserId}/role", Api.Json("""{"role":"user"}"""), admin.Token)).IsProblem(409);
        (await api.SendAsync("DELETE", $"{Users}/{admin.UserId}", null, admin.Token)).IsProblem(409);

        (await api.GetAsync(Users, admin.Token)).IsJson();
    }

    [Fact]
    public async Task Deleted_account_is_gone()
    {
        var person = await application.SignUpAsync();

        (await api.SendAsync("DELETE", $"{Users}/{person.UserId}", null, application.Administrator())).IsJson();

        (await api.GetAsync("/api/users/sessions", person.Token)).IsProblem(401, error: "Invalid or expired token");
        (await api.SendAsync("DELETE", $"{Users}/{person.UserId}", null, application.Administrator())).IsProblem(404);
    }

    [Fact]
    public async Task Api_key_records_views_until_it_is_revoked_and_its_secret_is_told_once()
    {
        var admin = application.Administrator();
        var title = application.TakeTitle();
        var made = (await api.PostAsync(Keys, """{"name":"edge-7"}""", admin)).IsJson(201);
        Assert.Equal("key_id:String name:String created_at:String secret:String", Shape.Of(made.Json));
        var key = ("Authorization", $"ApiKey {made.Json.GetProperty("secret").GetString()}");
        var id = made.Json.GetProperty("key_id").GetGuid();

        (await api.PostAsync($"/api/v1/content/{title}/views", """{"count":3}""", key)).IsJson();
        (await api.PostAsync("/api/v1/views", $$"""[{"content_id":"{{title}}","count":2}]""", key)).IsJson();
        (await api.GetAsync("/api/users/sessions", key)).IsProblem(403);

        Assert.DoesNotContain(made.Json.GetProperty("secret").GetString()!, (await api.GetAsync(Keys, admin)).IsJson().Text, StringComparison.Ordinal);
        (await api.SendAsync("DELETE", $"{Keys}/{id}", null, admin)).IsJson();
        (await api.PostAsync("/api/v1/views", "[]", key)).IsProblem(401, error: "Invalid or expired token");
        var listed = (await api.GetAsync(Keys, admin)).IsJson().Json.EnumerateArray().Single(row => row.GetProperty("key_id").GetGuid() == id);
        Assert.Equal("key_id:String name:String made_by:String created_at:String revoked_at:String", Shape.Of(listed));
    }

    [Fact]
    public async Task Keys_for_idempotency_of_different_callers_never_meet()
    {
        var path = $"/api/v1/content/{application.TakeTitle()}/views/increment";
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        var person = application.Token();
        var before = (await api.PostAsync(path, null, ("Accept", "application/json"))).IsJson().Json.GetProperty("views").GetInt64();

        foreach (var headers in ((string, string)[][])[[key], [key], [key, person], [key, person], [key, application.Token()]])
            (await api.PostAsync(path, null, headers)).Is(200);

        var views = (await api.PostAsync(path, null, key, ("Accept", "application/json"))).IsJson().Json.GetProperty("views").GetInt64();
        Assert.Equal(before + 3, views);
    }

    private Task<Answer> PostAsync(string path) => api.PostAsync(path, null, application.Administrator());

    private async Task SetRoleAsync(Guid userId, string role) =>
        Assert.Equal(
            """{"message":"Role set successfully"}""",
            (await api.SendAsync("PUT", $"{Users}/{userId}/role", Api.Json($$"""{"role":"{{role}}"}"""), application.Administrator())).IsJson().Text);
}
