using System.Net.Sockets;
using System.Text;

namespace Streaming.Tests.Http;

/// <summary>Open access in Development is for this machine, whatever a page of elsewhere makes its browser send.</summary>
[Collection(HttpTests.Name)]
public sealed class OpenAccessTests(StreamingApplication application)
{
    private readonly Api api = application.Api;

    public static TheoryData<string, string> ForeignHeaders => new()
    {
        { "Origin", "http://evil.example" },
        { "Origin", "https://localhost.evil.example" },
        { "Origin", "http://evil.example:3000" },
        { "Origin", "http://localhost@evil.example" },
        { "Origin", "http://127.0.0.1.evil.example" },
        { "Origin", "file://" },
        { "Origin", "chrome-extension://abcdefgh" },
        { "Origin", "http://0.0.0.0:3000" },
        { "Origin", "http://192.168.1.7" },
        { "Host", "evil.example" },
        { "Host", "evil.example:3000" },
        { "Host", "localhost.evil.example" },
        { "Host", "192.168.1.7" },
        { "Host", "[2001:db8::1]:3000" },
        { "Sec-Fetch-Site", "cross-site" },
        { "X-Forwarded-For", "203.0.113.7" },
        { "X-Forwarded-Host", "video.example.com" },
        { "Forwarded", "for=203.0.113.7" },
        { "X-Real-IP", "203.0.113.7" },
        { "Via", "1.1 proxy" },
    };

    [Theory]
    [MemberData(nameof(ForeignHeaders))]
    public async Task What_comes_from_elsewhere_needs_a_token_on_every_open_route(string header, string value)
    {
        foreach (var (method, path, body) in Requests())
        {
            var answer = await api.SendAsync(method, path, body is null ? null : Api.Json(body), (header, value));
            answer.IsProblem(401, error: "Token not provided");
        }

        (await api.GetAsync("/api/v1/content/ids?limit=1", (header, value))).IsJson();
    }

    [Theory]
    [InlineData("Origin", "http://localhost:8080")]
    [InlineData("Origin", "https://127.0.0.1")]
    [InlineData("Origin", "http://[::1]:5173")]
    [InlineData("Origin", "http://app.localhost:5173")]
    [InlineData("Host", "localhost:3000")]
    [InlineData("Host", "127.0.0.1")]
    [InlineData("Host", "[::1]:3000")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task What_comes_from_this_machine_needs_none(string header, string value)
    {
        foreach (var (method, path, body) in Requests())
        {
            var answer = await api.SendAsync(method, path, body is null ? null : Api.Json(body), (header, value));
            Assert.True(answer.Status is 200 or 201, $"{method} {path}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task Token_is_good_whatever_the_page_is_from()
    {
        var user = application.UserIds[0];
        (await api.GetAsync($"/api/v1/content/users/{user}/watch-history", ("Origin", "http://evil.example"), application.Token(user))).IsJson();
    }

    [Fact]
    public async Task Body_without_a_type_is_taken_from_nobody()
    {
        foreach (var (method, path, body) in Requests().Where(request => request.Method == "POST"))
        {
            var bytes = Encoding.UTF8.GetBytes(body!);
            (await api.SendAsync(method, path, Api.Bytes(bytes, null))).IsProblem(415, "Content-Type");
            (await api.SendAsync(method, path, Api.Bytes(bytes, null), ("Origin", "null"))).IsProblem(415, "Content-Type");
            (await api.SendAsync(method, path, Api.Bytes(bytes, "text/plain"), ("Origin", "null"))).Is(415);
            (await api.SendAsync(method, path, Api.Bytes(bytes, "application/x-www-form-urlencoded"), ("Origin", "null"))).Is(415);
        }
    }

    [Fact]
    public async Task Page_of_a_file_may_do_what_the_old_page_does_and_reads_nobodys_history()
    {
        var user = application.UserIds[0];
        (await api.GetAsync("/api/v1/content/users/ids?limit=1", ("Origin", "null"))).IsJson();
        foreach (var path in (string[])[$"/api/v1/content/users/{user}/watch-history", $"/api/v1/users/{user}/progress"])
            (await api.GetAsync(path, ("Origin", "null"))).IsProblem(401, error: "Token not provided");
    }

    [Fact]
    public async Task Me_is_nobody_without_a_token()
    {
        (await api.GetAsync("/api/v1/content/users/me/watch-history")).IsProblem(401, error: "Token not provided");
        (await api.GetAsync("/api/v1/users/me/progress")).IsProblem(401, error: "Token not provided");
    }

    [Fact]
    public async Task Request_that_names_no_host_is_not_of_this_machine()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(api.Server.Host, api.Server.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync("GET /api/v1/content/users/ids HTTP/1.0\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.Contains(" 401 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>A good request of each open route.</summary>
    private IEnumerable<(string Method, string Path, string? Body)> Requests()
    {
        var (user, title) = (application.UserIds[0], application.ContentIds[^1]);
        yield return ("GET", "/api/v1/content/users/ids?limit=1", null);
        yield return ("GET", $"/api/v1/content/users/{user}/watch-history", null);
        yield return ("GET", $"/api/v1/users/{user}/progress", null);
        yield return ("PUT", $"/api/v1/users/{user}/progress/{title}", """{"position_seconds":5,"duration_seconds":1000,"session_id":"s"}""");
        yield return ("POST", $"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":8}""");
        yield return ("POST", $"/api/v1/content/{title}/views", """{"count":1}""");
        yield return ("POST", "/api/v1/views", $$"""[{"content_id":"{{title}}","count":1}]""");
    }
}
