using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Streaming.Tests.Http;

/// <summary>What the server refuses by itself, and bodies that break off.</summary>
[Collection(HttpTests.Name)]
public sealed class RefusedRequestTests(StreamingApplication application)
{
    private const string Json = "Content-Type: application/json\r\n";

    private readonly Api api = application.Api;

    private Uri Server => api.Server;

    private string Host => $"Host: {Server.Authority}\r\n";

    private string[] BodyRoutes =>
    [
        $"POST /api/v1/content/{application.ContentIds[0]}/views HTTP/1.1\r\n{Host}{Json}",
        $"POST /api/v1/content/{application.ContentIds[0]}/reviews HTTP/1.1\r\n{Host}Content-Type: application/x-www-form-urlencoded\r\n",
        $"POST /api/v1/views HTTP/1.1\r\n{Host}Content-Type: application/x-ndjson\r\n",
        $"POST /api/users/login HTTP/1.1\r\n{Host}{Json}",
        $"PUT /api/v1/users/{application.UserIds[0]}/progress/{application.ContentIds[0]} HTTP/1.1\r\n{Host}{Json}",
    ];

    [Theory]
    [InlineData("nonsense\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nbad header: x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400)]
    [InlineData("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET / HTTP/7.3\r\nHost: a\r\n\r\n", 505)]
    [InlineData("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 405)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: a\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: LONGLONG\r\n\r\n", 431)]
    public async Task Request_that_the_server_refuses_by_itself_is_a_problem_that_every_page_can_read(string request, int status)
    {
        var answer = await RawRequest.SendAsync(Server, request.Replace("LONG", new string('p', 9_000), StringComparison.Ordinal));

        IsRefusal(answer!.IsProblem(status));
        if (status == 405)
            Assert.Equal("OPTIONS", answer.Headers["Allow"]);
    }

    [Fact]
    public async Task Refused_head_has_no_body()
    {
        var answer = (await RawRequest.SendAsync(Server, $"HEAD / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 18_000)}\r\n\r\n"))!;

        IsRefusal(answer.Is(431, "application/problem+json"));
        Assert.Equal("", answer.Text);
    }

    [Fact]
    public async Task Refusal_comes_after_the_answers_before_it_on_its_connection()
    {
        const string Good = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";

        var answer = (await RawRequest.SendAsync(Server, Good + Good + "nonsense\r\n\r\n"))!;

        Assert.Equal(200, answer.Status);
        Assert.Equal(["200", "200", "400"], answer.Text.Split("HTTP/1.1 ").Skip(1).Select(rest => rest[..3]).Prepend("200"));
        Assert.Contains("application/problem+json", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+2")]
    [InlineData("-0")]
    [InlineData("-2")]
    [InlineData("2, 2")]
    [InlineData("0x2")]
    [InlineData("2.0")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    [InlineData("2\r\nContent-Length: 2")]
    public async Task Content_length_that_is_no_number_of_digits_is_refused(string length)
    {
        foreach (var route in BodyRoutes)
            IsRefusal((await RawRequest.SendAsync(Server, $"{route}Content-Length: {length}\r\n\r\n{{}}"))!.IsProblem(400));
    }

    [Fact]
    public async Task Content_length_may_have_spaces_around_it_and_zeros_before_it() =>
        (await RawRequest.SendAsync(Server, $"{BodyRoutes[0]}Connection: close\r\nContent-Length:  002 \r\n\r\n{{}}"))!.IsProblem(400, "count");

    [Theory]
    [InlineData("80000000\r\n{}")]
    [InlineData("7fffffffffffffff\r\n{}")]
    [InlineData("fffffffffffffffff\r\n{}")]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("-2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}xx0\r\n\r\n")]
    [InlineData("2{}\r\n0\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    public async Task Body_whose_chunks_make_no_sense_is_the_clients_fault(string chunks)
    {
        using var errors = new Errors(application);
        foreach (var route in BodyRoutes.Append($"POST /api/v1/content/{application.ContentIds[0]}/views/increment HTTP/1.1\r\n{Host}"))
        {
            // A length that nothing can have is waited for, if it can be read; the client ends then.
            if (await RawRequest.SendAsync(Server, $"{route}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}") is { } answer)
                Assert.True(answer.Status is 400 or 413 || (answer.Status == 200 && route.Contains("increment", StringComparison.Ordinal)), $"{route} {chunks}: {answer.Status} {answer.Text}");
        }

        Assert.Empty(errors.Logged);
    }

    [Fact]
    public async Task Client_that_resets_its_connection_in_mid_body_is_no_fault()
    {
        using var errors = new Errors(application);
        foreach (var route in BodyRoutes)
        {
            foreach (var body in (string[])["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])
            {
                var before = errors.EndedConnections;
                await RawRequest.ResetAsync(Server, route + body);
                await Poll.UntilAsync(() => Task.FromResult(errors.EndedConnections > before ? null : "The server has not seen the connection end."));
            }
        }

        Assert.Empty(errors.Logged);
        (await api.GetAsync("/health/live")).Is(200);
    }

    private static void IsRefusal(Answer answer)
    {
        Assert.Equal("*", answer.Headers["Access-Control-Allow-Origin"]);
        Assert.Equal("close", answer.Headers["Connection"]);
        Assert.Contains("Date", answer.Headers.Keys);
    }

    /// <summary>What is logged as an error while it lives, and how many connections have ended.</summary>
    private sealed class Errors : ILoggerProvider, ILogger
    {
        private readonly MeterListener meters = new();
        private int ended;

        public Errors(StreamingApplication application)
        {
            var port = application.Api.Server.Port;
            meters.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.connection.duration")
                    listener.EnableMeasurementEvents(instrument);
            };
            meters.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag is { Key: "server.port", Value: int known } && known == port)
                        Interlocked.Increment(ref ended);
                }
            });
            meters.Start();
            application.Services.GetRequiredService<ILoggerFactory>().AddProvider(this);
        }

        public ConcurrentQueue<string> Logged { get; } = [];

        public int EndedConnections => Volatile.Read(ref ended);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Logged.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose() => meters.Dispose();
    }
}
