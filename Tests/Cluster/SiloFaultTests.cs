using System.Diagnostics;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Silos that die or stand still under load: an acknowledged view is counted, and counted once.</summary>
[Collection(ServersTests.Name)]
public sealed class SiloFaultTests
{
    private const int Seed = 20_260_401;

    [Fact]
    public async Task Killed_silo_is_made_up_for_by_the_others_and_by_a_new_one()
    {
        var random = new Random(Seed);
        await using var cluster = await LoadedCluster.StartAsync(Seed);
        for (var round = 0; round < 2; round++)
        {
            await cluster.AcknowledgedAsync(random.Next(200, 600));
            var dead = cluster.Living[random.Next(cluster.Living.Count)];
            await cluster.KillAsync(dead);
            await cluster.UntilTakenOverAsync(dead);
            await cluster.BatchAsync();
            await cluster.AddSilosAsync(SiloPorts.Take());
            await cluster.BatchAsync();
        }

        await cluster.AcknowledgedAsync(500);
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task All_silos_killed_are_made_up_for_by_new_ones()
    {
        var random = new Random(Seed + 1);
        await using var cluster = await LoadedCluster.StartAsync(Seed + 1);
        foreach (var samePorts in (bool[])[true, false])
        {
            await cluster.AcknowledgedAsync(random.Next(200, 600));
            var ports = cluster.Living.Select(silo => samePorts ? silo.Ports : SiloPorts.Take()).ToArray();
            await cluster.KillAllAsync();
            await cluster.AddSilosAsync(ports);
            await cluster.AcknowledgedAsync(500);
        }

        await cluster.BatchAsync();
        await cluster.SettleAsync();
    }

    [Fact]
    public async Task Silo_that_stood_still_until_it_was_taken_over_acknowledges_nothing_more_and_ends()
    {
        await using var cluster = await LoadedCluster.StartAsync(Seed + 2);
        await cluster.AcknowledgedAsync(500);
        var paused = cluster.Living[1];
        var watch = Stopwatch.StartNew();
        cluster.Pause(paused);
        await cluster.UntilOutAsync(paused, watch);
        await cluster.UntilTakenOverAsync(paused);
        await cluster.AcknowledgedAsync(200);

        paused.Continue();
        await LoadedCluster.UntilEndedAsync(paused);

        await cluster.AcknowledgedAsync(500);
        await cluster.SettleAsync();
    }
}
