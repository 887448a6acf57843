using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Streaming.Users;
using Streaming.WebFront.Dashboard;

namespace Streaming.Tests.Http;

public sealed class DashboardCookieTests(DashboardApplication application) : IClassFixture<DashboardApplication>
{
    [Theory]
    [InlineData(0.5, true)]
    [InlineData(6.9, true)]
    [InlineData(7.1, false)]
    [InlineData(9, false)]
    public async Task Cookie_lives_an_hour_and_is_renewed_until_eight_have_passed(double hours, bool isRenewed)
    {
        _ = application.Api;
        var options = application.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(DashboardCookie.Scheme);
        Assert.Equal(TimeSpan.FromHours(1), options.ExpireTimeSpan);
        var properties = new AuthenticationProperties();
        properties.SetString("signed-in", DateTimeOffset.UtcNow.AddHours(-hours).ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        var scheme = new AuthenticationScheme(DashboardCookie.Scheme, null, typeof(CookieAuthenticationHandler));
        var context = new CookieSlidingExpirationContext(
            new DefaultHttpContext(), scheme, options, new AuthenticationTicket(new ClaimsPrincipal(), properties, scheme.Name), TimeSpan.FromMinutes(40), TimeSpan.FromMinutes(20))
        {
            ShouldRenew = true,
        };

        await options.Events.CheckSlidingExpiration(context);

        Assert.Equal(isRenewed, context.ShouldRenew);
    }

    [Fact]
    public async Task Cookie_over_https_is_for_https_alone()
    {
        await using var proxied = new StreamingApplication(Environments.Development, ("Proxies:Known", "127.0.0.1"));
        using var visitor = new DashboardVisitor(proxied.Api.Server, isHttps: true);
        var grain = proxied.Services.GetRequiredService<IGrainFactory>().GetGrain<IAccountsGrain>(0);
        await grain.AddAdministratorAsync(new Registration("admin@example.com", DashboardApplication.Password, "Admin"));

        var answer = (await visitor.SignInAsync("admin@example.com", DashboardApplication.Password)).Is(303);

        Assert.Matches("^__Secure-streaming-dashboard=[^;]+; path=/dashboard; secure; samesite=strict; httponly$", answer.Headers["Set-Cookie"]);
        (await visitor.GetAsync("/dashboard/DashboardCounters")).IsJson();
    }

    [Fact]
    public async Task Dashboard_that_is_off_is_not_there()
    {
        await using var without = new StreamingApplication(Environments.Development, ("Dashboard:Enabled", "false"));
        foreach (var path in (string[])["/dashboard", "/dashboard/", "/dashboard/sign-in", "/dashboard/DashboardCounters"])
            (await without.Api.GetAsync(path)).IsProblem(404);
    }

    [Fact]
    public void Grain_calls_pass_no_filter_unless_methods_are_profiled()
    {
        _ = application.Api;
        Assert.Empty(application.Services.GetServices<IIncomingGrainCallFilter>());
    }
}
