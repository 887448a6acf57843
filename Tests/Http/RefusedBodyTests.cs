using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streaming.Videos;

namespace Streaming.Tests.Http;

[Collection(ClosedTests.Name)]
public sealed class RefusedBodyTests(ClosedApplication application)
{
    private const int Large = 8 << 20;
    private const string Form = "Content-Type: multipart/form-data; boundary=x";
    private const string Json = "Content-Type: application/json";

    private Uri Server => application.Api.Server;

    [Theory]
    [InlineData("401", "POST /api/videos/upload", Form)]
    [InlineData("401", "POST /api/logs/add", Json)]
    [InlineData("401", "POST /api/videos/upload", Form, true)]
    [InlineData("413", "POST /api/users/register", Json)]
    [InlineData("413", "POST /api/users/register", Json, true)]
    [InlineData("413", "POST /api/users/login", "Content-Type: application/x-www-form-urlencoded", true)]
    [InlineData("404", "POST /api/v1/content/00000000-0000-0000-0000-000000000000/views/increment", Json)]
    [InlineData("404", "POST /nowhere", Json, true)]
    [InlineData("405", "PUT /api/videos/upload", Json)]
    [InlineData("400", "GET /api/v1/content/ids?limit=x", Json)]
    public async Task Refusal_reaches_a_client_that_sends_everything_before_it_reads(string status, string request, string contentType, bool isChunked = false) =>
        Is(status, await PlainClient.SendAsync(Server, request, Large, isChunked, contentType));

    [Theory]
    [InlineData("403", "PUT /api/admin/users/{id}/quota", false)]
    [InlineData("413", "POST /api/logs/add", true)]
    [InlineData("415", "POST /api/videos/upload", false)]
    public async Task Refusal_of_somebody_who_is_logged_in_reaches_them_too(string status, string request, bool isChunked)
    {
        var person = await application.SignUpAsync();

        Is(status, await PlainClient.SendAsync(
            Server, request.Replace("{id}", person.UserId.ToString(), StringComparison.Ordinal), Large, isChunked, Json, $"{person.Token.Name}: {person.Token.Value}"));
    }

    [Fact]
    public async Task Upload_over_the_quota_is_told_every_time()
    {
        var person = await application.SignUpAsync();
        await application.Grains.GetGrain<IQuotaGrain>(person.UserId).SetOverridesAsync(new QuotaOverrides(StorageBytes: Clip.Megabyte));

        for (var i = 0; i < 15; i++)
            Assert.Contains("Exceeding total storage limit of 1MB", Is("400", await PlainClient.SendAsync(Server, "POST /api/videos/upload", Large, isChunked: false, Form, $"{person.Token.Name}: {person.Token.Value}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_goes_on_after_a_body_that_was_not_wanted()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Server.Host, Server.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await WriteAsync(stream, $"POST /nowhere HTTP/1.1\r\nHost: {Server.Authority}\r\nContent-Length: {Large}\r\n\r\n");
        await stream.WriteAsync(new byte[Large], TestContext.Current.CancellationToken);
        await WriteAsync(stream, $"GET /health/live HTTP/1.1\r\nHost: {Server.Authority}\r\nConnection: close\r\n\r\n");

        var all = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 404 ", all, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200 OK", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_requests_are_told_to_whoever_sends_a_large_body()
    {
        await using var limited = new StreamingApplication(Environments.Development, ("RateLimits:Enabled", "true"), ("RateLimits:Writes:Burst", "1"), ("RateLimits:Writes:PerMinute", "1"), ("Seed:Titles", "1"));
        var server = limited.Api.Server;

        for (var i = 0; i < 3; i++)
            Is(i == 0 ? "404" : "429", await PlainClient.SendAsync(server, "POST /nowhere", Large));
    }

    [Theory]
    [InlineData("80000000\r\n")]
    [InlineData("nonsense\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("5\r\n--x\r\nX\r\n")]
    [InlineData("5\r\n--x\r\n")]
    [InlineData("3\r\n--x\r\n0\r\n\r\n")]
    [InlineData("7fffffff\r\n--x\r\n")]
    public async Task Upload_that_breaks_off_or_breaks_the_protocol_is_no_fault_of_ours(string body)
    {
        var person = await application.SignUpAsync();
        using var logged = new Faults(application.Services);
        foreach (var isReset in (bool[])[false, true])
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Server.Host, Server.Port, TestContext.Current.CancellationToken);
            await using var stream = client.GetStream();
            await WriteAsync(stream, $"POST /api/videos/upload HTTP/1.1\r\nHost: {Server.Authority}\r\n{person.Token.Name}: {person.Token.Value}\r\n{Form}\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            if (isReset)
            {
                Reset(client);
                continue;
            }

            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), answer);
        }

        await Poll.UntilAsync(async () =>
            (await application.Grains.GetGrain<IQuotaGrain>(person.UserId).GetUsageAsync())!.Uploads is var now && now == 0 ? null : $"{now} uploads");
        Assert.Empty(logged.Lines);
    }

    [Theory]
    [InlineData("GET /api/v1/content/ids")]
    [InlineData("POST /api/logs/add")]
    [InlineData("POST /api/videos/upload")]
    [InlineData("PUT /nowhere")]
    public async Task Client_that_breaks_its_connection_after_the_answer_is_no_fault_of_ours(string request)
    {
        const int Clients = 5;
        using var logged = new Faults(application.Services);
        using var ended = new BrokenConnections(Server.Port);
        for (var i = 0; i < Clients; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Server.Host, Server.Port, TestContext.Current.CancellationToken);
            await using var stream = client.GetStream();
            await WriteAsync(stream, $"{request} HTTP/1.1\r\nHost: {Server.Authority}\r\n{Json}\r\nContent-Length: 100000\r\n\r\n{{");
            Assert.True(await stream.ReadAsync(new byte[Large], TestContext.Current.CancellationToken) > 0);
            Reset(client);
        }

        await Poll.UntilAsync(() => Task.FromResult(ended.Count >= Clients ? null : $"{ended.Count} connections have ended"));
        Assert.Empty(logged.Lines);
    }

    [Theory]
    [InlineData("zz\r\n")]
    [InlineData("80000000\r\n")]
    [InlineData("2\r\n{}0\r\n\r\n")]
    [InlineData("5\r\n{}", true)]
    public async Task Request_whose_body_breaks_the_protocol_or_breaks_off_does_nothing_though_its_route_reads_none(string body, bool breaksOff = false)
    {
        var title = application.TakeTitle();
        var before = await ViewsAsync(title);
        var request = $"POST /api/v1/content/{title}/views/increment HTTP/1.1\r\nHost: {Server.Authority}\r\nTransfer-Encoding: chunked\r\n\r\n{body}";
        if (breaksOff)
        {
            using var ended = new BrokenConnections(Server.Port);
            await RawRequest.ResetAsync(Server, request);
            await Poll.UntilAsync(() => Task.FromResult(ended.Count > 0 ? null : "the connection goes on"));
        }
        else
        {
            (await RawRequest.SendAsync(Server, request))!.IsProblem(400);
        }

        Assert.Equal(before, await ViewsAsync(title));
    }

    [Theory]
    [InlineData("200", "chunked")]
    [InlineData("200", "Chunked")]
    [InlineData("501", "gzip, chunked")]
    [InlineData("501", "chunked, chunked")]
    public async Task Only_chunked_is_a_transfer_coding(string status, string coding)
    {
        var path = $"/api/v1/content/{application.ContentIds[0]}/views/increment";

        foreach (var request in (string[])[$"POST {path}", "POST /api/users/login"])
        {
            var answer = await RawRequest.SendAsync(
                Server, $"{request} HTTP/1.1\r\nHost: {Server.Authority}\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: {coding}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n");
            Assert.Equal(status == "200" && request != $"POST {path}" ? "400" : status, answer!.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Not by disposing the stream, which tells the server first that nothing more comes.</summary>
    private static void Reset(TcpClient client)
    {
        client.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Client.Close(0);
    }

    private async Task<long> ViewsAsync(Guid title) =>
        (await application.Api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();

    private static string Is(string status, string answer)
    {
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains("\"message\":", answer, StringComparison.Ordinal);
        return answer;
    }

    private static ValueTask WriteAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Connections to a port that have ended, and that the server has done with, since it was made.</summary>
    private sealed class BrokenConnections : IDisposable
    {
        private readonly MeterListener listener = new();
        private int count;

        public BrokenConnections(int port)
        {
            listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Microsoft.AspNetCore.Server.Kestrel", Name: "kestrel.connection.duration" })
                    listener.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (var tag in tags)
                {
                    if (tag.Key == "server.port" && Equals(tag.Value, port))
                        Interlocked.Increment(ref count);
                }
            });
            listener.Start();
        }

        public int Count => Volatile.Read(ref count);

        public void Dispose() => listener.Dispose();
    }

    /// <summary>What the server and its pipeline log as a fault while it lives, whoever caused it.</summary>
    private sealed class Faults : ILoggerProvider
    {
        private readonly List<string> lines = [];
        private bool isOver;

        public Faults(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().AddProvider(this);

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (lines)
                    return [.. lines];
            }
        }

        public ILogger CreateLogger(string categoryName) => new FaultLog(this, categoryName);

        public void Dispose() => isOver = true;

        private sealed class FaultLog(Faults faults, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => !faults.isOver && logLevel >= LogLevel.Error;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (!IsEnabled(logLevel) || !(category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || category.StartsWith("Streaming.WebFront", StringComparison.Ordinal)))
                    return;

                lock (faults.lines)
                    faults.lines.Add($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
