using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Every program of a cluster is stopped and started again, one after the other, and hardly a client notices.</summary>
[Collection(ServersTests.Name)]
public sealed class RollingRestartTests
{
    private const int Seed = 20_261_130;

    // A silo that starts needs a processor, too.
    private const int Clients = 8;

    [Fact]
    public async Task Restart_of_every_silo_and_front_fails_hardly_a_request()
    {
        await using var cluster = await LoadedCluster.StartAsync(Seed, fronts: 2, Clients);
        await cluster.AcknowledgedAsync(500);
        cluster.ForgetFailures();

        await cluster.RestartSilosAsync();
        await cluster.RestartFrontsAsync();
        await cluster.UntilSharedAsync();

        await cluster.SettleAsync();
        cluster.FailedHardlyAnybody();
    }
}
