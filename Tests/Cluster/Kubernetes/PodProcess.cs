using System.Collections.Concurrent;
using System.Diagnostics;
using k8s.Models;

namespace Streaming.Tests.Processes;

/// <summary>
/// A pod's container as a process, asked for its health as a kubelet does: the startup probe until it holds, then the
/// readiness and the liveness probe, each in its own rhythm and with its own patience.
/// </summary>
internal sealed class PodProcess : ProgramProcess
{
    private readonly CancellationTokenSource removed = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });
    private readonly V1PodSpec pod;
    private readonly Task probes;
    private readonly ConcurrentQueue<string> answers = new();
    private volatile bool isReady;

    public PodProcess(string name, string program, int port, V1PodSpec pod, IReadOnlyDictionary<string, string> environment)
        : base(program, port, environment, pod.Containers[0].Args ?? [])
    {
        Name = name;
        this.pod = pod;
        probes = Container.StartupProbe is null ? Task.CompletedTask : Task.Run(ProbeAsync);
    }

    public string Name { get; }

    /// <summary>A Service leads requests to it.</summary>
    public bool IsReady => isReady;

    private V1Container Container => pod.Containers[0];

    public Task UntilServesAsync() => Poll.UntilAsync(async () =>
    {
        if (probes.IsCompleted)
            await probes;

        return isReady ? null : $"{Name} is not ready, {answers.LastOrDefault()}:\n{string.Join('\n', Output.Concat(Errors).TakeLast(20))}";
    }, seconds: 120);

    /// <summary>As Kubernetes takes a pod away: out of its Services, the pause before the stop, SIGTERM, and in time by itself.</summary>
    public async Task RemoveAsync()
    {
        await StopProbesAsync();
        var begun = Stopwatch.GetTimestamp();
        if (Container.Lifecycle?.PreStop?.Sleep is { } pause)
            await Task.Delay(TimeSpan.FromSeconds(pause.Seconds), TestContext.Current.CancellationToken);

        await StopAsync();
        Assert.True(Stopwatch.GetElapsedTime(begun).TotalSeconds < pod.TerminationGracePeriodSeconds, $"{Name} would have been killed.");
    }

    /// <summary>Throws where it would have been restarted.</summary>
    public async Task StopProbesAsync()
    {
        await removed.CancelAsync();
        await probes;
        isReady = false;
    }

    public override async ValueTask DisposeAsync()
    {
        await removed.CancelAsync();
        await ((Task)probes).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.DisposeAsync();
        http.Dispose();
        removed.Dispose();
    }

    private async Task ProbeAsync()
    {
        await RunAsync(Container.StartupProbe, untilItHolds: true, _ => { });
        await Task.WhenAll(
            RunAsync(Container.ReadinessProbe, untilItHolds: false, holds => isReady = holds && !removed.IsCancellationRequested, mayFail: true),
            RunAsync(Container.LivenessProbe, untilItHolds: false, _ => { }));
    }

    private async Task RunAsync(V1Probe probe, bool untilItHolds, Action<bool> told, bool mayFail = false)
    {
        for (var failures = 0; !removed.IsCancellationRequested;)
        {
            var holds = await HoldsAsync(probe);
            failures = holds ? 0 : failures + 1;
            if (holds || failures >= probe.FailureThreshold)
                told(holds);

            if (holds && untilItHolds)
                return;

            Assert.True(mayFail || removed.IsCancellationRequested || failures < probe.FailureThreshold, $"{Name} would have been restarted: {probe.HttpGet.Path} failed {failures} times.");
            await Task.Delay(TimeSpan.FromSeconds(probe.PeriodSeconds!.Value), removed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> HoldsAsync(V1Probe probe)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(removed.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(probe.TimeoutSeconds!.Value));
        try
        {
            using var answer = await http.GetAsync(new Uri(Address, probe.HttpGet.Path), patience.Token);
            answers.Enqueue($"{probe.HttpGet.Path} answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(patience.Token)}");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
