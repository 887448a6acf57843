using System.Diagnostics;
using System.Globalization;

namespace Streaming.Tests.Processes;

/// <summary>Programs that are stopped in order and started again.</summary>
internal sealed partial class LoadedCluster
{
    /// <summary>Stops a silo as a supervisor does, and starts another in its place.</summary>
    private async Task RestartAsync(SiloProcess silo)
    {
        var watch = Stopwatch.StartNew();
        await silo.StopAsync();
        living.Remove(silo);
        Say(string.Create(CultureInfo.InvariantCulture, $"Silo {silo.Ports.Silo}, gateway {silo.Ports.Gateway} stopped at {DateTime.UtcNow:HH:mm:ss} in {watch.Elapsed.TotalSeconds:0.0} s; {Summary}."));
        await AddSilosAsync(silo.Ports);
    }

    /// <summary>Stops a front as a supervisor does, starts another in its place, and waits until it gets requests.</summary>
    private async Task RestartAsync(FrontProcess front)
    {
        var watch = Stopwatch.StartNew();
        await front.StopAsync();
        Say(string.Create(CultureInfo.InvariantCulture, $"Front {front.Address.Port} stopped in {watch.Elapsed.TotalSeconds:0.0} s; {Summary}."));
        var next = cluster.LaunchFront(front.Address.Port);
        fronts[fronts.IndexOf(front)] = next;
        await next.UntilReadyAsync();
        await balancer!.UntilUsedAsync(next);
    }

    /// <summary>One after the other.</summary>
    public async Task RestartSilosAsync()
    {
        foreach (var silo in living.ToArray())
        {
            await RestartAsync(silo);
            await AcknowledgedAsync(100);
        }
    }

    /// <inheritdoc cref="RestartSilosAsync"/>
    public async Task RestartFrontsAsync()
    {
        foreach (var front in fronts.ToArray())
        {
            await RestartAsync(front);
            await AcknowledgedAsync(100);
        }
    }

    /// <summary>Programs that are started from now on are this build's.</summary>
    public void Upgrade() => cluster.Build = null;

    /// <summary>Waits until a silo says that it gives titles to one that has joined.</summary>
    public Task UntilSharedAsync() => Poll.UntilAsync(() => Task.FromResult(
        living.Any(silo => silo.Output.Any(line => line.Contains("has joined and gets", StringComparison.Ordinal))) ? null : "no silo has given titles away"));

    /// <summary>What was not answered until now is no matter: a cluster that starts under load is late now and then.</summary>
    public void ForgetFailures()
    {
        Load.ForgetFailures();
        Visitors.ForgetFailures();
    }

    /// <summary>
    /// Since then nobody was told to come back later, and nobody's connection broke, but for a handful: a call that is on its way to a silo when that closes
    /// its connections is lost, once in some thousands, and its caller told that the outcome is unknown.
    /// </summary>
    public void FailedHardlyAnybody()
    {
        const int tolerated = 5;
        foreach (var failure in Load.Failures.Concat(Visitors.Failures))
            Say(failure);

        if (Load.Failed + Visitors.Failed > 0)
            Say(string.Join('\n', cluster.Programs.SelectMany(program => program.Output.Prepend(program.Address.ToString()))));

        Assert.InRange(Load.Failed + Visitors.Failed, 0, tolerated);
    }
}
