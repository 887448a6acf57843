using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Streaming.WebFront;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class RequestLimitTests(StreamingApplication application)
{
    /// <summary>Routes that take more than what every route takes.</summary>
    private static readonly Dictionary<string, int> Larger = new()
    {
        ["/api/v1/content/{id}/reviews"] = 100 * 1024,
        ["/api/v1/views"] = 2 * 1024 * 1024,
        ["/api/videos/upload"] = (1_024 * 1024 * 1024) + (64 * 1024),
    };

    private readonly Api api = application.Api;

    [Fact]
    public void Every_route_takes_a_small_body_unless_it_is_known_to_need_more()
    {
        Assert.Equal(16 * 1024, RequestLimits.DefaultBodyBytes);
        var stated = application.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => (Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'), Limit: endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>()))
            .Where(route => route.Limit is not null)
            .ToDictionary(route => route.Path, route => RequestLimits.BodyBytes(route.Limit));

        Assert.Equal(Larger.OrderBy(route => route.Key, StringComparer.Ordinal), stated.Where(route => route.Value > RequestLimits.DefaultBodyBytes).OrderBy(route => route.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Body_as_large_as_a_route_takes_is_read_and_one_byte_more_is_refused_with_the_limit()
    {
        foreach (var (path, limit, words) in ((string, int, string)[])[("views", 16 * 1024, "16 kB"), ("reviews", 100 * 1024, "100 kB")])
        {
            var route = $"/api/v1/content/{application.ContentIds[0]}/{path}";
            var body = "{}".PadRight(limit);

            (await api.PostAsync(route, body)).Is(400);
            var refused = (await api.PostAsync(route, body + " ")).IsProblem(413);
            Assert.Contains(words, refused.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(414, 9_000, 0, 0)]
    [InlineData(431, 0, 1, 17_000)]
    [InlineData(431, 0, 65, 10)]
    [InlineData(404, 4_000, 60, 100)]
    public async Task Request_line_and_headers_are_bounded(int status, int path, int headers, int length)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(api.Server.Host, api.Server.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var lines = string.Concat(Enumerable.Range(0, headers).Select(i => $"X-{i}: {new string('h', length)}\r\n"));
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"GET /nowhere/{new string('p', path)} HTTP/1.1\r\nHost: {api.Server.Authority}\r\n{lines}\r\n"), TestContext.Current.CancellationToken);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Slow_requests_end()
    {
        var limits = application.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(TimeSpan.FromSeconds(10), limits.RequestHeadersTimeout);
        Assert.InRange(limits.KeepAliveTimeout, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(3));
        Assert.InRange(limits.MinRequestBodyDataRate!.BytesPerSecond, 100, 1_000);
        Assert.InRange(limits.MinResponseDataRate!.BytesPerSecond, 100, 1_000);
        Assert.InRange(limits.MaxConcurrentConnections!.Value, 1_000, 100_000);
    }
}
