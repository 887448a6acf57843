using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streaming.Users;
using Streaming.WebFront.Limits;

namespace Streaming.Tests.Http;

/// <summary>The service below a path of a proxy's: by setting, and by what a known proxy says.</summary>
public sealed class PathPrefixTests(PathPrefixTests.Application application) : IClassFixture<PathPrefixTests.Application>
{
    private readonly Api api = application.Api;

    [Theory]
    [InlineData("", "/streaming", null)]
    [InlineData("/streaming", "/streaming", null)]
    [InlineData("", "/tv/app", "/tv/app")]
    [InlineData("", "/tv/app", "/tv/app/")]
    [InlineData("", "/api", "/api")]
    [InlineData("/streaming", "/streaming", "/streaming")]
    [InlineData("", "", "/")]
    // What is no plain path is passed over.
    [InlineData("", "/streaming", "//evil.example")]
    [InlineData("", "/streaming", "evil.example")]
    [InlineData("", "/streaming", "/a/../b")]
    [InlineData("", "/streaming", "/a\"><script>")]
    [InlineData("", "/streaming", "/a%2f%2fb")]
    public async Task Links_redirects_and_pages_begin_with_the_prefix(string before, string prefix, string? forwarded)
    {
        (string, string)[] headers = forwarded is null ? [] : [("X-Forwarded-Prefix", forwarded)];

        var ids = (await api.GetAsync(before + "/api/v1/content/ids?limit=2", headers)).IsJson();
        Assert.StartsWith($"{prefix}/api/v1/content/ids?limit=2&after=", ids.Next, StringComparison.Ordinal);
        var logs = (await api.GetAsync(before + "/api/logs/all", [.. headers, application.Administrator()])).IsJson();
        Assert.Equal("logs:Array total:Number", Shape.Of(logs.Json));

        var home = (await api.GetAsync(before + "/", headers)).Is(200).Text;
        Assert.Contains($"data-base=\"{prefix}\"", home, StringComparison.Ordinal);
        Assert.Contains($"href=\"{prefix}/api-docs\"", home, StringComparison.Ordinal);
        Assert.Contains($"href=\"{prefix}/openapi/v1.json\"", home, StringComparison.Ordinal);
        Assert.Contains("\"../openapi/v1.json\"", (await api.GetAsync(before + "/api-docs/index.js", headers)).Is(200).Text.Replace("\\u0022", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
        var document = (await api.GetAsync(before + "/openapi/v1.json", headers)).Is(200).Json;
        Assert.Equal(prefix.Length == 0 ? "/" : prefix, document.GetProperty("servers")[0].GetProperty("url").GetString());

        using var visitor = new DashboardVisitor(api.Server);
        var challenge = (await visitor.GetAsync(before + "/dashboard/", headers)).Is(302);
        Assert.Equal(prefix + "/dashboard/sign-in?returnUrl=%2Fdashboard%2F", challenge.Headers["Location"]);
        var page = (await visitor.GetAsync(before + "/dashboard/sign-in", headers)).Is(200);
        Assert.Contains($"action=\"{prefix}/dashboard/sign-in\"", page.Text, StringComparison.Ordinal);
        Assert.Contains($"path={(prefix.Length == 0 ? "/dashboard" : prefix)};", page.Headers["Set-Cookie"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Administrator_signs_in_below_the_prefix()
    {
        const string Email = "admin@example.com";
        await application.Services.GetRequiredService<IGrainFactory>().GetGrain<IAccountsGrain>(0)
            .AddAdministratorAsync(new Registration(Email, DashboardApplication.Password, "Admin"));
        using var visitor = new DashboardVisitor(api.Server);
        var page = (await visitor.GetAsync("/streaming/dashboard/sign-in")).Is(200);

        var answer = (await visitor.SendFormAsync(
            "/streaming/dashboard/sign-in", ("token", DashboardVisitor.TokenOf(page)), ("return", ""), ("email", Email), ("password", DashboardApplication.Password))).Is(303);

        Assert.Equal("/streaming/dashboard/", answer.Headers["Location"]);
        Assert.Contains("; path=/streaming/dashboard;", answer.Headers["Set-Cookie"], StringComparison.Ordinal);
        (await visitor.GetAsync("/streaming/dashboard/DashboardCounters")).IsJson();
        Assert.Contains("href=\"/streaming/dashboard/\"", (await visitor.GetAsync("/streaming/dashboard/sign-out")).Is(200).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("streaming")]
    [InlineData("//evil.example")]
    [InlineData("/a//b")]
    [InlineData("/a/./b")]
    [InlineData("/ä")]
    [InlineData("/a?b")]
    public void Setting_that_is_no_path_keeps_the_program_from_starting(string setting)
    {
        var failure = Assert.Throws<StartupException>(() => Read(setting));

        Assert.Contains($"\"{setting}\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setting_may_end_in_a_slash_and_be_left_out()
    {
        Assert.Equal("/a/b", Read("/a/b/"));
        Assert.False(Read("/").HasValue);
        Assert.False(Read("").HasValue);
        Assert.False(Read(null).HasValue);
    }

    [Theory]
    [InlineData(null, "10.0.0.7", 1)]
    [InlineData("10.0.0.7", "10.0.0.7", 0)]
    [InlineData("10.0.0.0/8", "::ffff:10.0.0.7", 0)]
    [InlineData("10.0.0.0/8", "192.0.2.1", 1)]
    public async Task Forwarded_address_from_who_is_no_known_proxy_is_told_once(string? known, string from, int expected)
    {
        var warnings = new List<string>();
        var services = new ServiceCollection();
        if (known is not null)
            services.AddSingleton(KnownProxies.Read(new ProxyOptions { Known = [known] })!);

        var check = new ForwardedHeaderCheck(_ => Task.CompletedTask, services.BuildServiceProvider(), new Warnings(warnings));
        for (var i = 0; i < 3; i++)
        {
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = System.Net.IPAddress.Parse(from);
            if (i > 0)
                context.Request.Headers[ForwardedHeaderCheck.ForHeader] = "203.0.113.9";

            await check.InvokeAsync(context);
            if (i == 0)
                Assert.Empty(warnings);
        }

        Assert.Equal(expected, warnings.Count);
        Assert.All(warnings, warning => Assert.Contains("Proxies:Known", warning, StringComparison.Ordinal));
    }

    private static PathString Read(string? setting) => PathPrefix.Read(new PathOptions { PathBase = setting });

    /// <summary>Behind a proxy on this machine.</summary>
    public sealed class Application() : StreamingApplication(
        Environments.Development, ("PathBase", "/streaming"), ("Proxies:Known", "127.0.0.1, ::1"));

    private sealed class Warnings(List<string> list) : ILogger<ForwardedHeaderCheck>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            list.Add(formatter(state, exception));
    }
}
