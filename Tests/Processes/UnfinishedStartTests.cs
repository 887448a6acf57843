using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>A start that is stopped or fails in its middle: the program ends, quietly or in one line, and leaves no member behind.</summary>
[Collection(ProcessTests.Name)]
public sealed class UnfinishedStartTests : IAsyncLifetime
{
    private static readonly (string, string)[] TellsStages =
    [
        ("Logging__LogLevel__Orleans.Runtime.SiloLifecycleSubject", "Debug"), ("Logging__LogLevel__Microsoft.Extensions.Hosting.Internal.Host", "Debug"),
    ];

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

    /// <summary>From the first step of the host to the last before the health port listens.</summary>
    [Theory]
    [InlineData("Hosting starting")]
    [InlineData("Starting lifecycle stage 'RuntimeInitialize")]
    [InlineData("Starting lifecycle stage 'RuntimeGrainServices")]
    [InlineData("'ViewLedger' started")]
    [InlineData("Starting lifecycle stage 'BecomeActive")]
    [InlineData("Starting lifecycle stage 'Active")]
    public async Task Silo_that_is_told_to_stop_while_it_starts_ends_and_is_no_member(string step)
    {
        await stores.OpenAsync();
        var silo = Cluster.LaunchSilo(TellsStages);
        await silo.UntilSaidAsync(step);

        await silo.StopsQuietlyAsync();

        Assert.True(await Cluster.StatusOfAsync(silo) is null or SiloStatus.Dead);
        Assert.Empty(await stores.Journal.ListWritersAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Making demo data")]
    [InlineData("'ActivityLedger' started")]
    [InlineData("Starting lifecycle stage 'Active")]
    public async Task Front_with_a_silo_in_its_process_that_is_told_to_stop_while_it_starts_ends(string step)
    {
        await using var server = ServerProcess.Start(folder.Path, LoopbackPort.Take(), TellsStages);
        await server.UntilSaidAsync(step);

        await server.StopsQuietlyAsync();
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
        var silo = Cluster.LaunchSilo([("ConnectionStrings__Orleans", through), .. TellsStages]);
        await silo.UntilSaidAsync("Starting lifecycle stage 'RuntimeInitialize");
        relay.GoAway();

        await silo.FailsAsync("The start failed");
    }
}
