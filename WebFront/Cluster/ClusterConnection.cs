using Orleans.Configuration;
using Streaming.Health;
using Streaming.Silo;
using Streaming.Silo.Health;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Storage.Servers;
using Streaming.Users;
using ClusterOptions = Streaming.Silo.ClusterOptions;
using ConnectionOptions = Streaming.Storage.ConnectionOptions;

namespace Streaming.WebFront;

/// <summary>Where the front's grains live: in this process, or in silos that it is a client of.</summary>
internal static class ClusterConnection
{
    // A caller waits up to 5 s for a commit, and is then told that its outcome is unknown.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(6);

    // A silo that is new gets work after this; one that has died is left alone as soon as its connection breaks. Longer than a leaving silo's notice: for
    // so long a front leaves it alone, and before that is over the membership must not name it any more, or calls go to it again until its connection closes on them.
    private static readonly TimeSpan GatewayRefresh = SiloComposition.GatewayNotice + TimeSpan.FromSeconds(3);

    /// <exception cref="StartupException">It cannot work as it is configured.</exception>
    public static ClusterMode AddStreamingCluster(this WebApplicationBuilder builder)
    {
        var options = ClusterOptions.Read(builder.Configuration);
        if (options.Mode == ClusterMode.Embedded)
        {
            builder.AddStreamingSilo();
            return options.Mode;
        }

        CheckClient(builder.Configuration.GetStorageFamily());
        var servers = OrleansServers.Open(builder.Configuration.Read<ConnectionOptions>(ConnectionOptions.Section));
        builder.Services.AddSingleton(_ => servers);
        builder.Services.AddClusterBasics(options, servers: true);
        builder.Services.AddSingleton<IHealthSource, ClientHealth>();
        builder.Services.AddSingleton<HealthMetrics>();
        builder.Services.AddSettings<AccountOptions>(AccountOptions.Section);
        builder.UseOrleansClient(client =>
        {
            client.Configure<Orleans.Configuration.ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (SiloComposition.ServiceId, options.Id));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = GatewayRefresh);
            client.UseAdoNetClustering(ado => (ado.Invariant, ado.DataSource) = (OrleansServers.Invariant, servers.Database));
            client.UseConnectionRetryFilter<ClusterConnectionRetry>();
            client.AddOutgoingGrainCallFilter<RejectedCallRetry>();
            client.Services.AddStreamingCalls();
            client.AddTracePropagation(builder.Configuration);
            client.AddStreamingDashboard(builder.Configuration);
        });
        return options.Mode;
    }

    /// <exception cref="StartupException">A client has no silos there.</exception>
    public static void CheckClient(StorageFamily family)
    {
        if (family != StorageFamily.Servers)
            throw new StartupException("Cluster:Mode=Client needs Storage:Family=Servers: the embedded family lives in one process, and no silo elsewhere has it.");
    }
}
