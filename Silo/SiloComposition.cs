using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence;
using Streaming.Silo.Health;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Storage.Servers;
using ConnectionOptions = Streaming.Storage.ConnectionOptions;

namespace Streaming.Silo;

public static class SiloComposition
{
    /// <summary>All programs and versions of the product share grain state and reminders under this name.</summary>
    public const string ServiceId = "streaming";

    // Twice what a caller may wait for a commit.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For fronts to take their calls to other gateways, which they do as soon as they are told.</summary>
    public static readonly TimeSpan GatewayNotice = TimeSpan.FromSeconds(2);

    // 100,000 grains deactivate within it; none of ours writes on its way out but through the ledgers, which come after.
    private static readonly TimeSpan DeactivationTimeout = TimeSpan.FromSeconds(8);

    /// <summary>
    /// A silo in this process with its storage: alone in its cluster on the embedded family, one of many on the servers family.
    /// </summary>
    /// <param name="ofItsOwn">Whether the process is nothing but this silo.</param>
    /// <exception cref="StartupException">It cannot work as it is configured, or one of its ports is taken.</exception>
    public static WebApplicationBuilder AddStreamingSilo(this WebApplicationBuilder builder, bool ofItsOwn = false)
    {
        var options = ClusterOptions.Read(builder.Configuration);
        var servers = builder.Configuration.GetStorageFamily() == StorageFamily.Servers;
        options.CheckSilo(builder.Configuration.GetStorageFamily(), ofItsOwn);
        var endpoints = SiloEndpoints.Choose(options, withGateway: servers);
        if (ofItsOwn)
            builder.AddStreamingTelemetry("streaming-silo");

        // Started in this order and stopped in the other: the stores are open when the silo recovers its ledger, and their lock of the
        // data folder is taken before media are touched.
        builder.Services.AddClusterBasics(options, servers);
        builder.Services.AddStreamingStorage(builder.Configuration);
        builder.Services.AddStreamingMedia(builder.Configuration);
        builder.UseOrleans(silo =>
        {
            if (servers)
                silo.UseServers(builder.Configuration.Read<ConnectionOptions>(ConnectionOptions.Section), options, endpoints);
            else
                silo.UseThisProcess(options, endpoints);

            if (options.SiloName is { } name)
                silo.Configure<SiloOptions>(named => named.SiloName = name);

            silo.Configure<SiloMessagingOptions>(messaging =>
            {
                messaging.ResponseTimeout = ResponseTimeout;
                messaging.ClientGatewayShutdownNotificationTimeout = GatewayNotice;
            });
            silo.Configure<GrainCollectionOptions>(collection => collection.DeactivationTimeout = DeactivationTimeout);
            silo.AddStreamingGrains();
            silo.AddTracePropagation(builder.Configuration);
            silo.AddStreamingDashboard(builder.Configuration);
            silo.Services.AddSingleton<IFatalErrorHandler, FatalSiloError>();
            StoppableSilo.Use(silo.Services);
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<StartSteps>());
        });
        builder.Services.AddSiloHealth();
        return builder;
    }

    /// <summary>What every program of a cluster has, with a silo in it or not.</summary>
    public static void AddClusterBasics(this IServiceCollection services, ClusterOptions options, bool servers)
    {
        services.AddSettings<ClusterOptions>(ClusterOptions.Section);
        services.AddSettings<DashboardOptions>(DashboardOptions.Section);
        services.AddBackgroundLoops();
        services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = Drain.Budget;
            // A program that ends because one of its loops did would end with code 0, and a supervisor would leave it so.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        services.AddSingleton(provider => new Drain(
            TimeSpan.FromSeconds(servers ? options.DrainSeconds : 0), provider.GetRequiredService<IHostApplicationLifetime>()));
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        services.AddSingleton<StartSteps>();
        services.AddHostedService(provider => provider.GetRequiredService<StartSteps>());
    }

    private static void UseThisProcess(this ISiloBuilder silo, ClusterOptions options, SiloEndpoints endpoints)
    {
        silo.UseLocalhostClustering(endpoints.SiloPort, gatewayPort: 0, serviceId: ServiceId, clusterId: options.Id);
        silo.AddMemoryGrainStorageAsDefault();
        silo.AddMemoryGrainStorage(GrainStorage.Presence);
        silo.UseInMemoryReminderService();
    }

    private static void UseServers(this ISiloBuilder silo, ConnectionOptions connections, ClusterOptions options, SiloEndpoints endpoints)
    {
        var servers = OrleansServers.Open(connections);
        // By a factory, so that the container closes the pool.
        silo.Services.AddSingleton(_ => servers);
        silo.Configure<Orleans.Configuration.ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (ServiceId, options.Id));
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = endpoints.Advertised;
            endpoint.SiloPort = endpoints.SiloPort;
            endpoint.GatewayPort = endpoints.GatewayPort;
            endpoint.SiloListeningEndpoint = new IPEndPoint(endpoints.Listening, endpoints.SiloPort);
            endpoint.GatewayListeningEndpoint = new IPEndPoint(endpoints.Listening, endpoints.GatewayPort);
        });
        silo.Configure<ClusterMembershipOptions>(Membership.Tune);
        silo.UseAdoNetClustering(ado => (ado.Invariant, ado.DataSource) = (OrleansServers.Invariant, servers.Database));
        GuardedMembershipTable.Use(silo.Services);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, ForwardedCallGrace>();
        silo.UseAdoNetReminderService(ado => (ado.Invariant, ado.DataSource) = (OrleansServers.Invariant, servers.Database));
        silo.AddAdoNetGrainStorageAsDefault(ado => (ado.Invariant, ado.DataSource) = (OrleansServers.Invariant, servers.Database));
        if (servers.Redis is { } redis)
            silo.AddRedisGrainStorage(GrainStorage.Presence, (OptionsBuilder<RedisStorageOptions> options) => options.Configure<IServiceProvider>((storage, provider) =>
            {
                storage.ConfigurationOptions = redis;
                storage.CreateMultiplexer = async _ => (await OrleansServers.ConnectAsync(redis, provider.GetService<RedisWatch>()), IsShared: false);
            }));
        else
            silo.AddMemoryGrainStorage(GrainStorage.Presence);
    }
}
