using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Hosting;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class SecurityHeadersTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    [Theory]
    [InlineData("/")]
    [InlineData("/api-docs/index.html")]
    public async Task Page_runs_only_what_it_brings_and_stands_in_no_frame(string path)
    {
        var page = (await api.GetAsync(path)).Is(200);

        var policy = Policy(page);
        Assert.Equal("'none'", policy["default-src"]);
        Assert.Equal("'none'", policy["frame-ancestors"]);
        Assert.DoesNotContain("unsafe", policy["script-src"], StringComparison.Ordinal);
        Assert.Equal("same-origin", page.Headers["Referrer-Policy"]);
        Assert.Equal("nosniff", page.Headers["X-Content-Type-Options"]);
        Assert.All(Blocks(page.Text, "script"), script => Assert.Contains(Hash(script), policy["script-src"], StringComparison.Ordinal));
        if (!policy["style-src"].Contains("'unsafe-inline'", StringComparison.Ordinal))
            Assert.All(Blocks(page.Text, "style"), style => Assert.Contains(Hash(style), policy["style-src"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_in_JSON_carry_what_matters_to_them_and_no_more()
    {
        var answer = (await api.GetAsync($"/api/v1/content/{application.ContentIds[0]}")).IsJson();

        Assert.Equal(["Content-Length", "Content-Type", "Date", "ETag", "Vary", "X-Content-Type-Options"], answer.Headers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Https_is_asked_for_outside_Development_by_those_who_came_by_it()
    {
        (string, string)[] byHttps = [("Host", "player.example.com"), ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-Proto", "https")];
        await using var production = new StreamingApplication(Environments.Production, ("Proxies:Known", "127.0.0.1"));
        Assert.Equal("max-age=31536000", (await production.Api.GetAsync("/health/live", byHttps)).Is(200).Headers["Strict-Transport-Security"]);
        Assert.DoesNotContain("Strict-Transport-Security", (await production.Api.GetAsync("/health/live", byHttps[0])).Is(200).Headers.Keys);

        // What became an answer by an exception has the same headers as others, and no more.
        var broken = (await RawRequest.SendAsync(
            production.Api.Server,
            $"POST /api/v1/content/{Guid.NewGuid()}/views/increment HTTP/1.1\r\nHost: player.example.com\r\nX-Forwarded-For: 203.0.113.1\r\nX-Forwarded-Proto: https\r\n"
            + "Connection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"))!.IsProblem(400);
        Assert.Equal(
            ["Connection", "Content-Type", "Date", "Strict-Transport-Security", "Transfer-Encoding", "Vary", "X-Content-Type-Options"],
            broken.Headers.Keys.Order(StringComparer.Ordinal));

        // Nobody but a known proxy can say it.
        await using var alone = new StreamingApplication(Environments.Production);
        Assert.DoesNotContain("Strict-Transport-Security", (await alone.Api.GetAsync("/health/live", byHttps)).Is(200).Headers.Keys);
        Assert.DoesNotContain("Strict-Transport-Security", (await api.GetAsync("/health/live", byHttps)).Is(200).Headers.Keys);
    }

    private static Dictionary<string, string> Policy(Answer page) => page.Headers["Content-Security-Policy"].Split(';', StringSplitOptions.TrimEntries)
        .Select(directive => directive.Split(' ', 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    private static IEnumerable<string> Blocks(string html, string tag) => html.Split($"<{tag}>").Skip(1).Select(rest => rest.Split($"</{tag}>")[0]);

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
