using System.Diagnostics;
using Streaming.Tests.Http;

namespace Streaming.Tests.Telemetry;

/// <summary>What the program tells a collector and a Prometheus, and what it keeps from them.</summary>
public sealed class TelemetryTests(TelemetryApplication application) : IClassFixture<TelemetryApplication>
{
    private readonly Api api = application.Api;

    private CollectorDouble Collector => application.Collector;

    [Fact]
    public async Task Trace_goes_from_a_request_over_a_grain_call_to_the_store()
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();

        (await api.GetAsync($"/api/v1/content/users/{application.TakeUser()}/watch-history", Sampled(trace))).IsJson();

        await UntilAsync(() => SpansOf(trace).Any(span => span.Scope == "Streaming.Storage") && SpansOf(trace).Any(span => span.Scope == "Microsoft.AspNetCore"));
        var store = SpansOf(trace).First(span => span.Scope == "Streaming.Storage");
        // From the store to the request; the grain is activated on the way.
        List<string> way = [];
        for (var span = store; span is not null; span = SpansOf(trace).FirstOrDefault(other => other.Id == span.Parent))
            way.Add(span.Scope);

        Assert.Equal(["Microsoft.Orleans.Application", "Microsoft.AspNetCore"], way[^2..]);
        Assert.Equal("sqlite", store.Tags["db.system.name"]);
        Assert.StartsWith("read ", store.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_to_no_recorded_trace_is_not_recorded_by_the_grains_either()
    {
        var (trace, user) = (ActivityTraceId.CreateRandom().ToHexString(), application.TakeUser());
        (await api.GetAsync($"/api/v1/content/users/{user}/watch-history", ("traceparent", $"00-{trace}-00f067aa0ba902b7-00"))).IsJson();
        (await api.GetAsync($"/api/v1/content/users/{user}/watch-history")).IsJson();

        // What came before it is there when it is.
        var last = ActivityTraceId.CreateRandom().ToHexString();
        (await api.GetAsync($"/api/v1/content/users/{user}/watch-history", Sampled(last))).IsJson();
        await UntilAsync(() => SpansOf(last).Any(span => span.Scope == "Microsoft.AspNetCore"));
        Assert.Empty(SpansOf(trace));
        Assert.All(Collector.Spans.Where(span => span.Parent.Length == 0), span => Assert.Fail($"{span.Scope}: {span.Name} began a trace."));
    }

    [Theory]
    [InlineData("GET", "/media/0123secret4567/7d444840-9dc0-11d1-b245-5ffdce74fad2.mp4", 403)]
    [InlineData("GET", "/media/0123secret4567/no.txt", 404)]
    [InlineData("PUT", "/media/0123secret4567/7d444840-9dc0-11d1-b245-5ffdce74fad2.mp4", 405)]
    [InlineData("GET", "/MEDIA/0123secret4567/a/b", 404)]
    [InlineData("GET", "/%6dedia/0123secret4567/7d444840-9dc0-11d1-b245-5ffdce74fad2.mp4", 403)]
    public async Task Signature_of_a_video_reaches_no_collector(string method, string path, int status)
    {
        var trace = ActivityTraceId.CreateRandom().ToHexString();

        (await api.SendAsync(method, path, null, Sampled(trace))).Is(status);

        await UntilAsync(() => SpansOf(trace).Any(span => span.Scope == "Microsoft.AspNetCore"));
        Assert.Contains("media", SpansOf(trace).Single(span => span.Scope == "Microsoft.AspNetCore").Tags["url.path"], StringComparison.OrdinalIgnoreCase);
        Assert.False(Collector.HasHeard("0123secret4567"));
    }

    [Fact]
    public async Task Collector_is_sent_metrics_and_logs_with_their_trace()
    {
        var trace = ActivityTraceId.CreateRandom();
        // Something to warn of, within a request.
        (await api.GetAsync("/api/v1/content/ids", [Sampled(trace.ToHexString()), ("X-Forwarded-For", "192.0.2.1")])).IsJson();

        await UntilAsync(() => Collector.Exports.Any(export => export.Path == "/v1/metrics") && Collector.HasHeard("streaming.ledger.journal.depth"));
        await UntilAsync(() => Collector.Exports.Any(export =>
            export.Path == TelemetryApplication.LogsPath && export.Body.AsSpan().IndexOf(Convert.FromHexString(trace.ToHexString())) >= 0));
        Assert.DoesNotContain(Collector.Exports, export => export.Path == "/v1/logs");
        Assert.True(Collector.HasHeard("streaming-front"));
    }

    [Fact]
    public async Task Metrics_are_on_a_port_of_their_own_and_nothing_else_is()
    {
        using var http = new HttpClient { BaseAddress = application.MetricsAddress };
        var metrics = new Api(http);
        (await api.GetAsync("/api/v1/content/ids")).IsJson();

        // Which metrics, the test of a real Prometheus tells: meters of other programs in this process end with them, by the same names.
        Assert.StartsWith("# TYPE target_info", (await metrics.GetAsync("/metrics")).Is(200).Text, StringComparison.Ordinal);
        Assert.All(["/", "/health/live", "/api/v1/content/ids", "/metrics/x", "/api-docs"], path =>
            Assert.Equal(404, metrics.GetAsync(path).GetAwaiter().GetResult().Status));
        (await api.GetAsync("/metrics")).Is(404);
        // Its own requests are no traffic.
        Assert.DoesNotContain("/metrics", (await metrics.GetAsync("/metrics")).Is(200).Text, StringComparison.Ordinal);
    }

    private static (string, string) Sampled(string trace) => ("traceparent", $"00-{trace}-00f067aa0ba902b7-01");

    private List<Span> SpansOf(string trace) => [.. Collector.Spans.Where(span => span.TraceId == trace)];

    private Task UntilAsync(Func<bool> holds) => Poll.UntilAsync(() => Task.FromResult(
        holds() ? null : string.Join('\n', Collector.Spans.TakeLast(30).Select(span => $"{span.TraceId} {span.Scope}: {span.Name}").Prepend($"{Collector.Exports.Count} exports"))), seconds: 20);
}
