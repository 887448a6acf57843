using System.Globalization;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>A start that is stopped or fails in its middle: the program ends, quietly or in one line, and leaves no member behind.</summary>
[Collection(ServersTests.Name)]
public sealed class UnfinishedStartTests : IAsyncLifetime
{
    private static readonly (string, string)[] TellsSteps = [("Logging__LogLevel__Streaming.Silo.StartSteps", "Debug")];

    private readonly ServersFixture stores = new();
    private readonly TemporaryFolder folder = new();
    private SiloCluster? cluster;

    private SiloCluster Cluster => cluster ??= new SiloCluster();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();

        folder.Dispose();
        await stores.DisposeAsync();
    }

    /// <summary>At each step from the first of the host to the last before the health port listens; each a cluster of its own.</summary>
    [Fact]
    public async Task Silo_that_is_told_to_stop_while_it_starts_ends_and_is_no_member()
    {
        await stores.OpenAsync();
        await Task.WhenAll(
            ((string[])["Start: Host", "Start: RuntimeInitialize", "Start: AfterRuntimeGrainServices", "Start: BecomeActive", "Start: Active"])
            .Select(StopAtAsync));
        Assert.Empty(await stores.Journal.ListWritersAsync(TestContext.Current.CancellationToken));

        static async Task StopAtAsync(string step)
        {
            await using var own = new SiloCluster();
            var silo = own.LaunchSilo(TellsSteps);
            await silo.UntilSaidAsync(step);

            await silo.StopsQuietlyAsync();

            Assert.True(await own.StatusOfAsync(silo) is null or SiloStatus.Dead);
        }
    }

    [Fact]
    public async Task Front_with_a_silo_in_its_process_that_is_told_to_stop_while_it_starts_ends()
    {
        await Task.WhenAll(((string[])["Making demo data", "Start: RuntimeGrainServices", "Start: Active"]).Select(StopAtAsync));

        async Task StopAtAsync(string step, int number)
        {
            await using var server = ServerProcess.Start(Path.Combine(folder.Path, number.ToString(CultureInfo.InvariantCulture)), LoopbackPort.Take(), TellsSteps);
            await server.UntilSaidAsync(step);

            await server.StopsQuietlyAsync();
        }
    }

    [Fact]
    public async Task Front_that_waits_for_a_silo_ends_when_it_is_told_to()
    {
        await stores.OpenAsync();
        var front = Cluster.LaunchFront();
        await front.UntilSaidAsync("No silo of cluster");

        await front.StopsQuietlyAsync();
    }

    [Fact]
    public async Task Silo_whose_membership_database_goes_away_while_it_starts_says_so_in_one_line()
    {
        ServerScript.Require("metadata");
        await stores.OpenAsync();
        var (relay, through) = FaultyRelay.To(TestServers.Orleans);
        using var goesAway = relay;
        var silo = Cluster.LaunchSilo([("ConnectionStrings__Orleans", through), .. TellsSteps]);
        await silo.UntilSaidAsync("Start: RuntimeInitialize");
        relay.GoAway();

        await silo.FailsAsync("The start failed");
    }
}
