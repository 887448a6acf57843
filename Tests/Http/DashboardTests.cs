using Streaming.Users;

namespace Streaming.Tests.Http;

/// <summary>Who sees the dashboard, by the cookie of its sign-in page.</summary>
public sealed class DashboardTests(DashboardApplication application) : IClassFixture<DashboardApplication>
{
    private const string Password = DashboardApplication.Password;
    private const string Data = "/dashboard/DashboardCounters";

    private static readonly IReadOnlyList<string> Routes = [.. RouteTable.All.Where(route => route.Policy == "elsewhere").Select(route => route.Name)];

    [Fact]
    public async Task Nobody_gets_a_page_an_asset_or_data_without_signing_in()
    {
        using var visitor = application.Visitor();
        foreach (var route in Routes.Where(route => route.StartsWith("GET", StringComparison.Ordinal) && !route.EndsWith("sign-in", StringComparison.Ordinal)))
        {
            var path = route["GET ".Length..].Replace("{page:int}", "1", StringComparison.Ordinal);
            path = path.Contains('{', StringComparison.Ordinal) ? path[..path.IndexOf('{', StringComparison.Ordinal)] + "something" : path;
            var answer = await visitor.GetAsync(path);
            if (path is "/dashboard" or "/dashboard/index.html" or "/dashboard/sign-out")
                Assert.Equal($"/dashboard/sign-in?returnUrl={Uri.EscapeDataString(path)}", answer.Is(302).Headers["Location"]);
            else
                answer.IsProblem(path == "/dashboard/GrainState" ? 404 : 401);

            IsPrivate(answer);
        }

        (await visitor.SendFormAsync("/dashboard/sign-out")).IsProblem(401);
        (await visitor.GetAsync("/DASHBOARD/version")).IsProblem(401);
        (await visitor.GetAsync(Data, application.Administrator())).IsProblem(401);
        (await visitor.GetAsync("/dashboard/nothing")).IsProblem(404);
    }

    [Fact]
    public async Task Administrator_who_has_signed_in_sees_the_dashboard()
    {
        var (email, _) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();

        var answer = (await visitor.SignInAsync(email, Password, "/dashboard/index.html")).Is(303);

        Assert.Equal("/dashboard/index.html", answer.Headers["Location"]);
        var cookie = answer.Headers["Set-Cookie"];
        Assert.Matches("^streaming-dashboard=[^;]+; path=/dashboard; samesite=strict; httponly$", cookie);
        var page = (await visitor.GetAsync("/dashboard/")).Is(200, "text/html; charset=utf-8");
        Assert.Contains("index.min.js", page.Text, StringComparison.Ordinal);
        Assert.Contains("href=\"sign-out\"", page.Text, StringComparison.Ordinal);
        IsPrivate(page);
        Assert.Contains("frame-ancestors 'none'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        (await visitor.GetAsync("/dashboard/index.css")).Is(200, "text/css");
        IsPrivate((await visitor.GetAsync(Data)).IsJson());
        (await visitor.GetAsync("/dashboard/GrainTypes")).IsJson();
        Assert.Contains(email, (await visitor.GetAsync("/dashboard/sign-out")).Is(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grain_state_and_the_log_are_shown_to_nobody()
    {
        using var visitor = await SignedInAsync();
        foreach (var path in (string[])["/dashboard/GrainState", "/dashboard/grainstate/", "/dashboard/GrainState?grainId=0&grainType=Streaming.Users.AccessGrain"])
            (await visitor.GetAsync(path)).IsProblem(404);

        Assert.Equal(403, (await visitor.GetAsync("/dashboard/Trace")).Status);
    }

    [Fact]
    public async Task Account_that_is_no_administrators_gets_the_page_again_and_no_session()
    {
        var (email, userId) = await application.AddAccountAsync();
        using var visitor = application.Visitor();

        var page = (await visitor.SignInAsync(email, Password)).Is(403, "text/html; charset=utf-8");

        Assert.Equal("The dashboard is for administrators, and this account is none.", DashboardVisitor.MessageOf(page));
        Assert.Contains($"value=\"{email}\"", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, page.Text, StringComparison.Ordinal);
        Assert.False(visitor.IsSignedIn);
        Assert.Empty(await application.Grains.GetGrain<IAccountGrain>(userId).ListSessionsAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Wrong_password_unknown_e_mail_and_no_e_mail_are_told_apart_by_nothing()
    {
        var (email, _) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();
        foreach (var (name, password) in ((string, string)[])[(email, "wrong"), ("nobody@example.com", Password), ("<b>no</b>", "x"), (email, new string('x', 300))])
        {
            var page = (await visitor.SignInAsync(name, password)).Is(400, "text/html; charset=utf-8");
            Assert.Equal("E-mail or password is wrong.", DashboardVisitor.MessageOf(page));
            Assert.DoesNotContain("<b>", page.Text, StringComparison.Ordinal);
            Assert.False(visitor.IsSignedIn);
        }
    }

    [Fact]
    public async Task Failures_at_an_account_make_the_next_one_wait()
    {
        var (email, _) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();
        Answer? page = null;
        for (var attempt = 0; attempt < 10 && page is not { Status: 429 }; attempt++)
            page = await visitor.SignInAsync(email, "wrong");

        Assert.Matches("^Too many failed attempts. Try again in [0-9]+ s.$", DashboardVisitor.MessageOf(page!.Is(429)));
        Assert.NotEqual("", page.Headers["Retry-After"]);
    }

    [Fact]
    public async Task Banned_administrator_is_not_let_in() =>
        await LosesAsync(
            async (user, _) => Assert.Equal(AccountChangeStatus.Changed, await application.Grains.GetGrain<IAccountGrain>(user).SetBannedAsync(true)),
            page => Assert.Equal("This account is banned.", DashboardVisitor.MessageOf(page)));

    [Fact]
    public async Task Administrator_who_is_made_a_user_is_not_let_in() =>
        await LosesAsync(
            async (user, _) => Assert.Equal(AccountChangeStatus.Changed, await application.Grains.GetGrain<IAccountGrain>(user).SetRoleAsync(AccountRole.User)),
            page => Assert.StartsWith("The dashboard is for administrators", DashboardVisitor.MessageOf(page), StringComparison.Ordinal));

    [Fact]
    public async Task Cookie_of_a_session_that_was_ended_is_refused()
    {
        var (email, userId) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();
        (await visitor.SignInAsync(email, Password)).Is(303);
        var account = application.Grains.GetGrain<IAccountGrain>(userId);
        var session = Assert.Single(await account.ListSessionsAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Dashboard", session.Device);

        Assert.True(await account.EndSessionAsync(session.SessionId));

        await Poll.UntilAsync(async () => await visitor.GetAsync(Data) is { Status: not 401 } answer ? answer.Text : null);
        Assert.False(visitor.IsSignedIn);
    }

    [Fact]
    public async Task Who_signs_out_is_out_with_every_copy_of_the_cookie()
    {
        using var visitor = await SignedInAsync();
        using var copy = application.Visitor();
        copy.Take(visitor);
        (await copy.GetAsync(Data)).IsJson();

        Assert.Equal("/dashboard/sign-in", (await visitor.SignOutAsync()).Is(303).Headers["Location"]);

        Assert.False(visitor.IsSignedIn);
        (await visitor.GetAsync(Data)).IsProblem(401);
        await Poll.UntilAsync(async () => await copy.GetAsync(Data) is { Status: not 401 } answer ? answer.Text : null);
    }

    [Fact]
    public async Task Api_takes_no_cookie()
    {
        using var visitor = await SignedInAsync();

        var before = application.Authenticated;
        (await visitor.GetAsync("/api/v1/content/users/ids")).IsProblem(401, error: "Token not provided");
        (await visitor.GetAsync("/api/v1/content/ids")).IsJson();
        Assert.Equal(before, application.Authenticated);
        (await visitor.GetAsync(Data)).IsJson();
        Assert.Equal(before + 1, application.Authenticated);
    }

    [Fact]
    public async Task Cookie_that_was_changed_is_nobodys()
    {
        using var visitor = await SignedInAsync();
        var cookie = visitor.Cookies[DashboardVisitor.Cookie];
        foreach (var changed in (string[])[cookie[..^8] + "AAAAAAAA", "x", cookie + cookie])
        {
            visitor.Cookies[DashboardVisitor.Cookie] = changed;
            (await visitor.GetAsync(Data)).IsProblem(401);
        }
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https://evil.example/dashboard")]
    [InlineData("/%2fevil.example")]
    [InlineData("%2f%2fevil.example")]
    [InlineData("/%5cevil.example")]
    [InlineData("/dashboard//evil.example")]
    [InlineData("/dashboard/..//evil.example")]
    [InlineData("/dashboard\\..\\evil")]
    [InlineData("/dashboard/%2e%2e/api")]
    [InlineData("/dashboard@evil.example")]
    [InlineData("/dashboardevil")]
    [InlineData("/\t/evil.example")]
    [InlineData("/dashboard/\n")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/api-docs")]
    public async Task Nobody_is_sent_anywhere_else_by_a_return_address(string address)
    {
        using var visitor = application.Visitor();
        var page = (await visitor.GetAsync("/dashboard/sign-in?returnUrl=" + Uri.EscapeDataString(address))).Is(200);
        Assert.Equal("/dashboard/", DashboardVisitor.ReturnOf(page));

        var (email, _) = await application.AddAccountAsync(administrator: true);
        var answer = await visitor.SendFormAsync(
            "/dashboard/sign-in", ("token", DashboardVisitor.TokenOf(page)), ("return", address), ("email", email), ("password", Password));
        Assert.Equal("/dashboard/", answer.Is(303).Headers["Location"]);
    }

    [Fact]
    public async Task Forms_of_others_do_nothing()
    {
        var (email, _) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();
        (string, string)[] fields = [("email", email), ("password", Password)];
        (await visitor.SendFormAsync("/dashboard/sign-in", fields)).Is(400, "text/html; charset=utf-8");
        Assert.False(visitor.IsSignedIn);
        (await visitor.SendFormAsync("/dashboard/sign-in", [("token", "made-up"), .. fields])).Is(400);
        var token = DashboardVisitor.TokenOf((await visitor.GetAsync("/dashboard/sign-in")).Is(200));
        visitor.ForgetForm();
        (await visitor.SendFormAsync("/dashboard/sign-in", [("token", token), .. fields])).Is(400);
        Assert.False(visitor.IsSignedIn);

        (await visitor.SignInAsync(email, Password)).Is(303);
        (await visitor.SendFormAsync("/dashboard/sign-out")).Is(400);
        // A token of before one signed in is nobody's.
        (await visitor.SendFormAsync("/dashboard/sign-out", ("token", token))).Is(400);
        (await visitor.GetAsync(Data)).IsJson();
    }

    [Fact]
    public async Task Sign_in_page_runs_nothing_and_loads_nothing()
    {
        using var visitor = application.Visitor();
        var page = (await visitor.GetAsync("/dashboard/sign-in")).Is(200, "text/html; charset=utf-8");

        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", page.Text, StringComparison.OrdinalIgnoreCase);
        var policy = page.Headers["Content-Security-Policy"];
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("style-src 'self' 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        IsPrivate(page);
    }

    [Fact]
    public async Task Visit_of_the_sign_in_page_writes_no_warning()
    {
        using var visitor = application.Visitor();
        // The first visit may make keys.
        await visitor.GetAsync("/dashboard/sign-in");
        application.Warnings.Clear();

        (await visitor.GetAsync("/dashboard/sign-in")).Is(200);
        using var other = application.Visitor();
        (await other.GetAsync("/dashboard/sign-in")).Is(200);

        Assert.DoesNotContain(application.Warnings, line => line.Contains("Antiforgery", StringComparison.Ordinal) || line.Contains("ache", StringComparison.Ordinal));
    }

    private async Task LosesAsync(Func<Guid, DashboardVisitor, Task> change, Action<Answer> isTold)
    {
        var (email, userId) = await application.AddAccountAsync(administrator: true);
        using var visitor = application.Visitor();
        (await visitor.SignInAsync(email, Password)).Is(303);
        (await visitor.GetAsync(Data)).IsJson();

        // One stays.
        await application.AddAccountAsync(administrator: true);
        await change(userId, visitor);

        await Poll.UntilAsync(async () => await visitor.GetAsync(Data) is { Status: not 401 } answer ? answer.Text : null);
        Assert.False(visitor.IsSignedIn);
        isTold((await visitor.SignInAsync(email, Password)).Is(403));
        Assert.False(visitor.IsSignedIn);
    }

    private async Task<DashboardVisitor> SignedInAsync()
    {
        var (email, _) = await application.AddAccountAsync(administrator: true);
        var visitor = application.Visitor();
        (await visitor.SignInAsync(email, Password)).Is(303);
        return visitor;
    }

    private static void IsPrivate(Answer answer) => Assert.Contains("no-store", answer.Headers["Cache-Control"], StringComparison.Ordinal);
}
