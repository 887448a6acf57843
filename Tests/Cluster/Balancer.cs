using System.Diagnostics;
using System.Globalization;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>HAProxy before fronts, which turns away from one as soon as its readiness route does not answer 200.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/haproxy";

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Uri statistics;
    private readonly Process process;

    private Balancer(IEnumerable<FrontProcess> fronts)
    {
        var (port, statisticsPort) = (LoopbackPort.Take(), LoopbackPort.Take());
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        statistics = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{statisticsPort}/;csv"));
        var configuration = Path.Combine(folder.Path, "haproxy.cfg");
        // One failed check is enough, and requests are never sent twice: what a front breaks off reaches the client.
        File.WriteAllText(configuration, $"""
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                timeout check 10s
            frontend clients
                bind 127.0.0.1:{port}
                default_backend fronts
            frontend statistics
                bind 127.0.0.1:{statisticsPort}
                stats enable
                stats uri /
            backend fronts
                option httpchk GET /health/ready
                default-server check inter 200ms fall 1 rise 1
            {string.Concat(fronts.Select(front => $"    server {NameOf(front)} 127.0.0.1:{front.Address.Port}\n"))}
            """);
        process = Process.Start(new ProcessStartInfo(Program, ["-db", "-f", configuration]) { RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Starts it, and waits until it has found every front.</summary>
    public static async Task<Balancer> StartAsync(IReadOnlyCollection<FrontProcess> fronts)
    {
        Requirement.OfFile(Program, "apt-get install haproxy");
        var balancer = new Balancer(fronts);
        foreach (var front in fronts)
            await balancer.UntilUsedAsync(front);

        return balancer;
    }

    /// <summary>Waits until it sends requests to the front.</summary>
    public Task UntilUsedAsync(FrontProcess front) => Poll.UntilAsync(async () =>
    {
        try
        {
            var lines = (await http.GetStringAsync(statistics, TestContext.Current.CancellationToken)).Split('\n');
            return lines.Any(line => line.StartsWith($"fronts,{NameOf(front)},", StringComparison.Ordinal) && line.Contains(",UP,", StringComparison.Ordinal))
                ? null
                : $"the balancer does not use {NameOf(front)}";
        }
        catch (HttpRequestException e)
        {
            Assert.False(process.HasExited, "HAProxy ended.");
            return e.Message;
        }
    });

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
        folder.Dispose();
    }

    private static string NameOf(FrontProcess front) => string.Create(CultureInfo.InvariantCulture, $"front-{front.Address.Port}");
}
