using System.Text.Json;
using Streaming.Tests.Auth;
using Streaming.Users;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class AccountTests(ClosedApplication application)
{
    private const string Sessions = "/api/users/sessions";

    private readonly Api api = application.Api;
    private readonly string email = $"Ada.{Guid.NewGuid():N}@example.com";

    private string Credentials => $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}"}""";

    [Fact]
    public async Task Registration_answers_as_the_contract_says_and_an_email_has_one_account()
    {
        Assert.Equal("""{"message":"User registered successfully"}""", (await api.PostAsync("/api/users/register", Credentials)).IsJson().Text);

        foreach (var same in (string[])[email, email.ToUpperInvariant()])
        {
            (await api.PostAsync("/api/users/register", $$"""{"email":"{{same}}","password":"another one"}"""))
                .IsProblem(400, message: "User already exists with this email", error: "User already exists with this email");
        }
    }

    [Fact]
    public async Task Email_is_trimmed_and_found_in_every_form_of_its_letters()
    {
        var name = Guid.NewGuid().ToString("N");
        (await api.PostAsync("/api/users/register", $$"""{"email":"  Jos\u00e9.{{name}}@example.com\t","password":"{{Person.FirstPassword}}"}""")).IsJson();

        foreach (var form in (string[])[$"jos\u00e9.{name}@example.com", $" JOSE\u0301.{name}@Example.com ", $"jos\u00e9.{name}@\uff45xample.com\n"])
        {
            var body = System.Text.Json.JsonSerializer.Serialize(new { email = form, password = Person.FirstPassword });
            (await api.PostAsync("/api/users/register", body)).IsProblem(400, message: "User already exists with this email", error: "User already exists with this email");
            (await api.PostAsync("/api/users/login", body)).IsJson();
        }

        (await api.PostAsync("/api/users/register", $$"""{"email":"a\u200b{{name}}@example.com","password":"{{Person.FirstPassword}}"}""")).IsProblem(400, "email");
        (await api.PostAsync("/api/users/login", $$"""{"email":"a\u202e{{name}}@example.com","password":"{{Person.FirstPassword}}"}""")).IsProblem(400, "email");
    }

    [Fact]
    public async Task Password_that_is_common_or_the_email_is_refused_at_registration_and_change()
    {
        foreach (var password in (string[])["123456", "Password1", "QWERTY123", email, email.ToUpperInvariant(), email[..email.IndexOf('@', StringComparison.Ordinal)], "qqqqqqqq"])
            (await api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{password}}"}""")).IsProblem(400, "password");

        var person = await application.SignUpAsync();
        foreach (var password in (string[])["iloveyou", person.Email])
            (await ChangeAsync(person, Person.FirstPassword, password)).IsProblem(400, "new_password");

        await Person.LogInAsync(api, person.Email);
    }

    [Fact]
    public async Task Username_that_is_blank_hidden_or_of_several_lines_is_refused()
    {
        foreach (var username in (string[])["   ", "Ada\\nLovelace", "\\u200b\\u200d", "\\u202eadA", "\\t", "a\\u0007"])
            (await api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}","username":"{{username}}"}""")).IsProblem(400, "username");

        (await api.PostAsync("/api/users/register", $$"""{"email":"{{email}}","password":"{{Person.FirstPassword}}","username":"  Ada  "}""")).IsJson();
        var person = await Person.LogInAsync(api, email);
        Assert.Equal("Ada", (await ProfileAsync(person.UserId, person.Token)).GetProperty("username").GetString());
    }

    [Fact]
    public async Task Login_answers_a_token_and_what_refreshes_it()
    {
        await api.PostAsync("/api/users/register", Credentials);

        var answer = (await api.PostAsync("/api/users/login", Credentials)).IsJson();

        Assert.Equal("message:String token:String refresh_token:String expires_in:Number refresh_expires_at:String", Shape.Of(answer.Json));
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal("Login successful", answer.Json.GetProperty("message").GetString());
        Assert.Equal(3600, answer.Json.GetProperty("expires_in").GetInt32());
        Shape.IsMoment(answer.Json.GetProperty("refresh_expires_at"));
        var payload = TokenParts.Payload(answer.Json.GetProperty("token").GetString()!);
        Assert.Equal(email, payload["email"]!.GetValue<string>());
        Assert.Equal("user", payload["role"]!.GetValue<string>());
    }

    [Fact]
    public async Task Login_fails_alike_for_a_wrong_password_and_an_unknown_email()
    {
        await api.PostAsync("/api/users/register", Credentials);
        string[] attempts = [$$"""{"email":"{{email}}","password":"wrong horse"}""", $$"""{"email":"x{{email}}","password":"wrong horse"}"""];

        foreach (var attempt in attempts)
            (await api.PostAsync("/api/users/login", attempt)).IsProblem(400, message: "Invalid credentials", error: "Invalid credentials");
    }

    [Fact]
    public async Task Repeated_failures_are_answered_when_to_come_back()
    {
        await api.PostAsync("/api/users/register", Credentials);
        Answer answer;
        var attempts = 0;
        do
        {
            answer = await api.PostAsync("/api/users/login", $$"""{"email":"{{email}}","password":"wrong horse"}""");
            attempts++;
        }
        while (answer.Status == 400 && attempts < 20);

        answer.IsProblem(429);
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 3_600);
    }

    [Fact]
    public async Task Forms_are_taken_as_JSON_is()
    {
        var form = $"email={Uri.EscapeDataString(email)}&password=correct+horse&username=Ada+L.";
        (await api.SendAsync("POST", "/api/users/register", Form(form))).IsJson();

        var login = (await api.SendAsync("POST", "/api/users/login", Form(form))).IsJson();

        var person = Person.From(email, login.Json);
        Assert.Equal("Ada L.", (await ProfileAsync(person.UserId, person.Token)).GetProperty("username").GetString());
    }

    [Fact]
    public async Task Profile_shows_the_email_and_role_to_its_owner_and_administrators_alone()
    {
        var person = await application.SignUpAsync();

        var own = await ProfileAsync(person.UserId, person.Token);
        Assert.Equal("id:String email:String username:String created_at:String role:String", Shape.Of(own));
        Assert.Equal(person.UserId, own.GetProperty("id").GetGuid());
        Assert.Equal(person.Email, own.GetProperty("email").GetString());
        Assert.Equal("Default Username", own.GetProperty("username").GetString());
        Assert.Equal("user", own.GetProperty("role").GetString());
        Shape.IsMoment(own.GetProperty("created_at"));
        Assert.Equal(Shape.Of(own), Shape.Of(await ProfileAsync(person.UserId, application.Administrator())));
        Assert.Equal("id:String username:String created_at:String", Shape.Of(await ProfileAsync(person.UserId, application.Token())));
        (await api.GetAsync($"/api/users/user/{Guid.NewGuid()}", person.Token)).IsProblem(404, message: "User not found", error: "User not found");
    }

    [Fact]
    public async Task Two_tabs_and_a_client_that_lost_the_answer_get_the_same_refresh_token()
    {
        var person = await application.SignUpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => RefreshAsync(person)));
        var again = (await RefreshAsync(person)).IsJson();

        var next = Assert.Single(answers.Append(again).Select(answer => answer.IsJson().Json.GetProperty("refresh_token").GetString()).Distinct());
        foreach (var answer in answers)
            (await api.GetAsync(Sessions, Person.From(person.Email, answer.Json).Token)).IsJson();

        (await api.PostAsync("/api/users/refresh", $$"""{"refresh_token":"{{next}}"}""")).IsJson();
        // A third tab, after the second has gone on.
        Assert.Equal(next, (await RefreshAsync(person)).IsJson().Json.GetProperty("refresh_token").GetString());
        (await api.GetAsync(Sessions, person.Token)).IsJson();
    }

    [Fact]
    public async Task Refresh_token_is_taken_for_another_pair()
    {
        var person = await application.SignUpAsync();

        var answer = (await RefreshAsync(person)).IsJson();
        Assert.Equal("message:String token:String refresh_token:String expires_in:Number refresh_expires_at:String", Shape.Of(answer.Json));
        var next = Person.From(person.Email, answer.Json);
        (await api.GetAsync(Sessions, next.Token)).IsJson();

        (await RefreshAsync(next)).IsJson();
        (await api.PostAsync("/api/users/refresh", """{"refresh_token":"nothing of ours"}""")).IsProblem(401, error: "Invalid or expired token");
    }

    [Fact]
    public async Task Logging_out_ends_the_session_and_no_other()
    {
        var here = await application.SignUpAsync();
        var there = await Person.LogInAsync(api, here.Email);

        Assert.Equal("""{"message":"Logged out successfully"}""", (await api.PostAsync("/api/users/logout", null, here.Token)).IsJson().Text);

        (await api.GetAsync(Sessions, here.Token)).IsProblem(401, error: "Invalid or expired token");
        (await RefreshAsync(here)).IsProblem(401, error: "Invalid or expired token");
        (await api.GetAsync(Sessions, there.Token)).IsJson();
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_or_all()
    {
        var first = await application.SignUpAsync();
        var second = await Person.LogInAsync(api, first.Email);
        var third = await Person.LogInAsync(api, first.Email);

        var listed = (await api.GetAsync(Sessions, first.Token)).IsJson().Json.EnumerateArray().ToList();
        Assert.Equal(3, listed.Count);
        Assert.All(listed, session => Shape.IsMoment(session.GetProperty("last_used_at")));
        Assert.Equal(SessionOf(first), Assert.Single(listed, session => session.GetProperty("is_current").GetBoolean()).GetProperty("session_id").GetGuid());

        (await api.SendAsync("DELETE", $"{Sessions}/{SessionOf(second)}", null, first.Token)).IsJson();
        (await api.GetAsync(Sessions, second.Token)).IsProblem(401, error: "Invalid or expired token");
        (await api.SendAsync("DELETE", $"{Sessions}/{SessionOf(third)}", null, (await application.SignUpAsync()).Token)).IsProblem(404);

        (await api.SendAsync("DELETE", Sessions, null, first.Token)).IsJson();
        (await api.GetAsync(Sessions, first.Token)).IsProblem(401, error: "Invalid or expired token");
        (await api.GetAsync(Sessions, third.Token)).IsProblem(401, error: "Invalid or expired token");
    }

    [Fact]
    public async Task Changing_the_password_ends_the_other_sessions()
    {
        var here = await application.SignUpAsync();
        var there = await Person.LogInAsync(api, here.Email);

        (await ChangeAsync(here, "wrong horse", "battery staple")).IsProblem(400, "current_password");
        Assert.Equal("""{"message":"Password changed successfully"}""", (await ChangeAsync(here, Person.FirstPassword, "battery staple")).IsJson().Text);

        (await api.GetAsync(Sessions, here.Token)).IsJson();
        (await api.GetAsync(Sessions, there.Token)).IsProblem(401, error: "Invalid or expired token");
        (await api.PostAsync("/api/users/login", $$"""{"email":"{{here.Email}}","password":"{{Person.FirstPassword}}"}""")).IsProblem(400, error: "Invalid credentials");
        await Person.LogInAsync(api, here.Email, "battery staple");
    }

    [Fact]
    public async Task Guesses_at_the_current_password_are_held_up()
    {
        var person = await application.SignUpAsync();
        Answer answer;
        var guesses = 0;
        do
            answer = await ChangeAsync(person, $"guess {guesses}", "battery staple");
        while (answer.Status == 400 && ++guesses < 10);

        answer.IsProblem(429);
        Assert.Contains("Retry-After", answer.Headers.Keys);
        (await ChangeAsync(person, Person.FirstPassword, "battery staple")).IsProblem(429);
    }

    [Fact]
    public async Task Deleting_ones_account_asks_for_the_password_and_leaves_nothing_that_is_let_in()
    {
        var person = await application.SignUpAsync();

        (await DeleteAsync(person, "wrong horse")).IsProblem(400, error: "Invalid credentials");
        Assert.Equal("""{"message":"Account deleted successfully"}""", (await DeleteAsync(person, Person.FirstPassword)).IsJson().Text);

        (await api.GetAsync(Sessions, person.Token)).IsProblem(401, error: "Invalid or expired token");
        (await RefreshAsync(person)).IsProblem(401, error: "Invalid or expired token");
        (await api.GetAsync($"/api/users/user/{person.UserId}", application.Token())).IsProblem(404, error: "User not found");
        (await api.PostAsync("/api/users/register", $$"""{"email":"{{person.Email}}","password":"{{Person.FirstPassword}}"}""")).IsJson();
        Assert.NotEqual(person.UserId, (await Person.LogInAsync(api, person.Email)).UserId);
    }

    [Fact]
    public async Task Export_is_one_document_with_everything_of_the_person()
    {
        var person = await application.SignUpAsync();
        var title = application.TakeTitle();
        (await api.PostAsync($"/api/v1/content/{title}/reviews", """{"rating":7,"comment":"Mine."}""", person.Token)).Is(201);
        (await api.SendAsync(
            "PUT", $"/api/v1/users/{person.UserId}/progress/{title}", Api.Json("""{"position_seconds":300,"duration_seconds":1000,"session_id":"tv"}"""), person.Token)).IsJson();

        var export = (await api.GetAsync("/api/users/me/export", person.Token)).IsJson();

        Assert.StartsWith("attachment", export.Headers["Content-Disposition"], StringComparison.Ordinal);
        Assert.Equal("account:Object sessions:Array watch_history:Array resume_positions:Array reviews:Array logs:Array videos:Array quota_limits:Array downloads:Array", Shape.Of(export.Json));
        Assert.Contains(person.Email, export.Json.GetProperty("account").GetRawText(), StringComparison.Ordinal);
        Assert.All(["sessions", "watch_history", "resume_positions", "reviews"], name => Assert.Equal(1, export.Json.GetProperty(name).GetArrayLength()));
        Assert.DoesNotContain(person.RefreshToken, export.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Review_is_written_in_ones_own_name()
    {
        var person = await application.SignUpAsync();
        var path = $"/api/v1/content/{application.TakeTitle()}/reviews";

        var written = (await api.PostAsync(path, """{"rating":7}""", person.Token)).IsJson(201).Json;
        Assert.Equal(person.UserId, written.GetProperty("review").GetProperty("user_id").GetGuid());
        (await api.PostAsync(path, $$"""{"user_id":"{{person.UserId}}","rating":8}""", person.Token)).IsJson(201);
        foreach (var headers in ((string, string)[])[person.Token, application.Administrator()])
            (await api.PostAsync(path, $$"""{"user_id":"{{application.UserIds[0]}}","rating":8}""", headers)).IsProblem(403);
    }

    [Fact]
    public async Task What_is_done_with_an_account_is_in_the_audit_log_without_its_email()
    {
        var person = await application.SignUpAsync();
        await ChangeAsync(person, "wrong horse", "battery staple");
        await api.PostAsync("/api/users/logout", null, person.Token);
        await application.Grains.GetGrain<IAccountGrain>(person.UserId).SetBannedAsync(true);
        await api.PostAsync("/api/users/login", $$"""{"email":"{{person.Email}}","password":"{{Person.FirstPassword}}"}""");

        string[] expected =
        [
            "CHANGE_PASSWORD: Error: wrong password", "LOGIN: Error: banned", "LOGIN: User logged in successfully", "LOGOUT: User logged out", "REGISTER: User registered successfully",
        ];
        await Poll.UntilAsync(async () =>
        {
            var logs = (await api.GetAsync($"/api/logs/user/{person.UserId}", application.Administrator())).IsJson();
            Assert.DoesNotContain(person.Email, logs.Text, StringComparison.OrdinalIgnoreCase);
            var rows = logs.Json.GetProperty("logs").EnumerateArray().ToList();
            Assert.All(rows, row => Assert.Equal("UserAccountService", row.GetProperty("service_name").GetString()));
            var told = rows.Select(row => $"{row.GetProperty("action_type").GetString()}: {row.GetProperty("description").GetString()}").Order(StringComparer.Ordinal);
            return told.SequenceEqual(expected) ? null : string.Join(", ", told);
        });
    }

    private static StringContent Form(string text) => new(text, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");

    private static Guid SessionOf(Person person) => Guid.Parse(TokenParts.Payload(person.AccessToken)["sid"]!.GetValue<string>());

    private async Task<JsonElement> ProfileAsync(Guid userId, (string, string) token)
    {
        var answer = (await api.GetAsync($"/api/users/user/{userId}", token)).IsJson().Json;
        Assert.Equal("user:Object", Shape.Of(answer));
        return answer.GetProperty("user");
    }

    private Task<Answer> RefreshAsync(Person person) => api.PostAsync("/api/users/refresh", $$"""{"refresh_token":"{{person.RefreshToken}}"}""");

    private Task<Answer> ChangeAsync(Person person, string current, string next) =>
        api.PostAsync("/api/users/password", $$"""{"current_password":"{{current}}","new_password":"{{next}}"}""", person.Token);

    private Task<Answer> DeleteAsync(Person person, string password) =>
        api.SendAsync("DELETE", "/api/users/me", Api.Json($$"""{"password":"{{password}}"}"""), person.Token);
}
