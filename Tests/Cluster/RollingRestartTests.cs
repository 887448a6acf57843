using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Every program of a cluster is stopped and started again, one after the other, and no client notices.</summary>
[Collection(ServersTests.Name)]
public sealed class RollingRestartTests
{
    private const int Seed = 20_261_130;
    private const string PreviousVariable = "STREAMING_TEST_PREVIOUS";

    [Fact]
    public async Task Restart_of_every_silo_and_front_fails_no_request()
    {
        await using var cluster = await LoadedCluster.StartAsync(Seed, fronts: 2);
        await cluster.AcknowledgedAsync(500);
        cluster.ForgetFailures();

        await RestartSilosAsync(cluster);
        await RestartFrontsAsync(cluster);

        await cluster.SettleAsync();
        cluster.FailedNobody();
    }

    /// <summary>
    /// The programs of the release before stop in their own way, so that some requests may be told to come back; with both releases in the cluster, none.
    /// Run by <c>./test upgrade</c>, which builds that release.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Upgrade_from_the_release_before_loses_no_view_and_counts_none_twice()
    {
        var previous = Environment.GetEnvironmentVariable(PreviousVariable);
        Assert.True(Directory.Exists(previous), $"{PreviousVariable} must name a built clone of the release before; ./test upgrade makes one.");
        await using var cluster = await LoadedCluster.StartAsync(Seed + 1, fronts: 2, previous);
        await cluster.AcknowledgedAsync(500);

        cluster.Upgrade();
        await RestartSilosAsync(cluster);
        cluster.ForgetFailures();
        await cluster.AcknowledgedAsync(2_000);
        cluster.FailedNobody();
        await RestartFrontsAsync(cluster);
        await RestartSilosAsync(cluster);

        await cluster.BatchAsync();
        await cluster.SettleAsync();
    }

    private static async Task RestartSilosAsync(LoadedCluster cluster)
    {
        foreach (var silo in cluster.Living.ToArray())
        {
            await cluster.RestartAsync(silo);
            await cluster.AcknowledgedAsync(200);
        }
    }

    private static async Task RestartFrontsAsync(LoadedCluster cluster)
    {
        foreach (var front in cluster.Fronts.ToArray())
        {
            await cluster.RestartAsync(front);
            await cluster.AcknowledgedAsync(200);
        }
    }
}
