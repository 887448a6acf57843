using System.Text.RegularExpressions;

namespace Streaming.Tests.Http;

/// <summary>HEAD, OPTIONS and methods that a route does not have, over the whole route table.</summary>
[Collection(HttpTests.Name)]
public sealed class MethodTests(StreamingApplication application)
{
    // They tell of the moment, or of how the body travels.
    private static readonly string[] OfTheMoment = ["Date", "Transfer-Encoding", "Last-Modified", "ETag", "Set-Cookie"];
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"];

    private readonly Api api = application.Api;
    private readonly Guid title = application.ContentIds[0];
    private readonly Guid user = application.UserIds[0];

    public static TheoryData<string> Gets => [.. RouteTable.All.Where(route => route.Method == "GET").Select(route => route.Path), "/api-docs", "/api-docs/index.html", "/api-docs/index.js"];

    [Theory]
    [MemberData(nameof(Gets))]
    public async Task Head_is_answered_as_get_is_without_a_body(string route)
    {
        var path = await PathOfAsync(route);
        foreach (var headers in ((string, string)[][])[[], [application.Administrator()], [("Authorization", "Bearer nonsense"), ("Origin", "null")]])
        {
            var get = await api.GetAsync(path, headers);
            var head = await api.SendAsync("HEAD", path, null, headers);

            Assert.Equal(get.Status, head.Status);
            Assert.Equal("", head.Text);
            Assert.Equal(Names(get).Except(["Content-Length"]), Names(head).Except(["Content-Length"]));
            foreach (var name in Names(head).Except(OfTheMoment))
                Assert.Equal(WithoutSeconds(get.Headers.GetValueOrDefault(name)), WithoutSeconds(head.Headers[name]));
        }
    }

    /// <summary>What is left of an address's time counts down between two requests.</summary>
    private static string? WithoutSeconds(string? value) => value is null ? null : Regex.Replace(value, "max-age=[0-9]+, private", "max-age=N, private");

    [Fact]
    public async Task Every_route_names_its_methods_to_who_asks_by_options_and_to_who_uses_another()
    {
        var byPath = application.Routes.Select(route => route.Split(' ')).Where(route => route[1] != "/dashboard/GrainState").ToLookup(route => route[1], route => route[0]);
        Assert.Contains(byPath, path => path.Key.StartsWith("/api/logs/", StringComparison.Ordinal));
        foreach (var route in byPath)
        {
            string[] known = [.. route, "OPTIONS"];
            var path = RouteTable.Fill(route.Key, title, user);
            foreach (var headers in ((string, string)[][])[[], [("Origin", "http://localhost:3001")]])
                Names(known, (await api.SendAsync("OPTIONS", path, null, headers)).Is(204));

            foreach (var method in Methods.Except(route))
            {
                var answer = await api.SendAsync(method, path, method == "GET" ? null : Api.Json("{}"));
                Names(known, method == "HEAD" ? answer.Is(405) : answer.IsProblem(405));
            }
        }
    }

    [Theory]
    [InlineData("/api-docs")]
    [InlineData("/api-docs/index.html")]
    public async Task Documentation_pages_do_so_too(string path)
    {
        Names(["GET", "HEAD", "OPTIONS"], (await api.SendAsync("OPTIONS", path, null)).Is(204));
        Names(["GET", "HEAD", "OPTIONS"], (await api.PostAsync(path, "{}")).IsProblem(405));
    }

    [Fact]
    public async Task Path_that_is_no_route_has_no_methods()
    {
        foreach (var path in (string[])["/nowhere", "/api/v1/content/", "/api/logs/nothing", "/dashboard/nothing"])
            Assert.DoesNotContain("Allow", (await api.SendAsync("OPTIONS", path, null)).IsProblem(404).Headers.Keys);
    }

    private static IOrderedEnumerable<string> Names(Answer answer) => answer.Headers.Keys.Except(["Transfer-Encoding", "Set-Cookie"]).Order(StringComparer.Ordinal);

    private static void Names(IEnumerable<string> methods, Answer answer) =>
        Assert.Equal(methods.Order(StringComparer.Ordinal), answer.Headers["Allow"].Split(", ").Order(StringComparer.Ordinal));

    private async Task<string> PathOfAsync(string route)
    {
        if (route.StartsWith("/media/", StringComparison.Ordinal))
            return (await StoredVideo.MakeAsync(application)).Path;

        return RouteTable.Fill(route, title, user);
    }
}
