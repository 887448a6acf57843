using System.Diagnostics;
using System.Globalization;

namespace Streaming.Benchmarks.Servers;

/// <summary>HAProxy before fronts, which asks each whether it is ready five times a second and never sends a request twice.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/haproxy";
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(1);

    private readonly DataFolder _folder = new();
    private readonly Process _process;

    /// <exception cref="BenchmarkException">It is not installed.</exception>
    public Balancer(IEnumerable<int> fronts)
    {
        if (!File.Exists(Program))
            throw new BenchmarkException($"{Program} is missing: apt-get install haproxy");

        Port = LoopbackPort.Free();
        var configuration = Path.Combine(_folder.Path, "haproxy.cfg");
        File.WriteAllText(configuration, string.Create(CultureInfo.InvariantCulture, $"""
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                timeout check 2s
            frontend clients
                bind 127.0.0.1:{Port}
                default_backend fronts
            backend fronts
                option httpchk GET /health/ready
                default-server check inter 200ms fall 1 rise 1
            {string.Concat(fronts.Select(port => $"    server front-{port} 127.0.0.1:{port}\n"))}
            """));
        _process = Process.Start(new ProcessStartInfo(Program, ["-q", "-db", "-f", configuration]))!;
        AppDomain.CurrentDomain.ProcessExit += KillNow;
    }

    public int Port { get; }

    /// <summary>For it to find out that a front is ready.</summary>
    public static Task UntilNoticedAsync(CancellationToken cancellationToken) => Task.Delay(Noticed, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillNow;
        KillNow(null, EventArgs.Empty);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private void KillNow(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
            _process.Kill();
    }
}
