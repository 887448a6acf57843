using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Programs of the release before are replaced by this build's, under load. Run by <c>./test upgrade</c> alone, which builds that release.</summary>
[Collection(ServersTests.Name)]
public sealed class UpgradeTests
{
    private const int Seed = 20_261_131;
    private const string PreviousVariable = "STREAMING_TEST_PREVIOUS";

    /// <summary>The programs of the release before stop in their own way, so that some requests may be told to come back; with both releases in the cluster, none.</summary>
    [Fact]
    public async Task Upgrade_from_the_release_before_loses_no_view_and_counts_none_twice()
    {
        var previous = Environment.GetEnvironmentVariable(PreviousVariable);
        Assert.True(Directory.Exists(previous), $"{PreviousVariable} must name a built clone of the release before; ./test upgrade makes one.");
        await using var cluster = await LoadedCluster.StartAsync(Seed, fronts: 2, build: previous);
        await cluster.AcknowledgedAsync(500);

        cluster.Upgrade();
        await cluster.RestartSilosAsync();
        cluster.ForgetFailures();
        await cluster.AcknowledgedAsync(2_000);
        cluster.FailedHardlyAnybody();
        await cluster.RestartFrontsAsync();

        await cluster.BatchAsync();
        await cluster.SettleAsync();
    }
}
