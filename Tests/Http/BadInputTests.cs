namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class BadInputTests(StreamingApplication application)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    private readonly Api api = application.Api;

    public static TheoryData<string, string> Cases => [.. BadRequests.All.Select(bad => (bad.Route, bad.Name)).Distinct()];

    [Fact]
    public void Every_mapped_route_that_takes_input_has_bad_requests() =>
        Assert.Equal(
            RouteTable.All.Where(route => route.TakesInput).Select(route => route.Name).Order(StringComparer.Ordinal),
            BadRequests.All.Select(bad => bad.Route).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Bad_request_is_refused_with_a_problem(string route, string name)
    {
        foreach (var bad in BadRequests.All.Where(bad => bad.Route == route && bad.Name == name))
        {
            var answer = await api.SendAsync(bad.Method, Path(bad.Path), bad.ToContent(application.ContentIds[0], application.UserIds[0]), Headers(route));

            answer.IsProblem(bad.Status, bad.Field);
        }
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/api")]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/content")]
    [InlineData("/api/v1/content/")]
    [InlineData("/api/v1/content/{title}/nothing")]
    [InlineData("/api/v1/content/{title}/views/decrement")]
    [InlineData("/api/v1/content/trending/yearly/top")]
    [InlineData("/api/v2/content/ids")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/home.html")]
    [InlineData("/appsettings.json")]
    [InlineData("/%2e%2e/appsettings.json")]
    public async Task Unknown_route_is_not_found(string path)
    {
        foreach (var method in Methods)
            (await api.SendAsync(method, Path(path), null)).IsProblem(404);
    }

    [Fact]
    public async Task Text_with_half_a_surrogate_pair_in_a_field_that_nobody_reads_is_refused_too() =>
        (await api.PostAsync(Path("/api/v1/content/{title}/views"), """{"count":1,"note":"\ud800"}""")).IsProblem(400, "note");

    [Fact]
    public async Task Cursor_of_another_order_never_breaks_a_page()
    {
        var random = new Random(7);
        var bytes = new byte[24];
        foreach (var sort in (string[])["newest", "top", "rating"])
        {
            foreach (var lead in (byte[])[0x00, 0x7F, 0x80, 0xFF])
            {
                random.NextBytes(bytes);
                (bytes[0], bytes[1]) = (lead, 0xF8);
                var cursor = System.Buffers.Text.Base64Url.EncodeToString(bytes);
                var answer = await api.GetAsync(Path($"/api/v1/content/{{title}}/reviews?sort={sort}&cursor={cursor}"));
                if (answer.Status != 200)
                    answer.IsProblem(400, "cursor");
            }
        }
    }

    /// <summary>Routes that let everybody in here are asked by nobody, all others by an administrator.</summary>
    private (string, string)[] Headers(string route) =>
        RouteTable.All.Single(known => known.Name == route).IsOpen ? [] : [application.Administrator()];

    private string Path(string path) => path
        .Replace("{title}", application.ContentIds[0].ToString(), StringComparison.Ordinal)
        .Replace("{user}", application.UserIds[0].ToString(), StringComparison.Ordinal);
}
