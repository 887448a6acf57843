using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Streaming.Storage;

namespace Streaming.Silo;

/// <summary>Section <c>Cluster</c>.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    public string Id { get; set; } = "streaming";

    /// <summary>Port between silos; 0 takes a free one.</summary>
    public int SiloPort { get; set; }
}

public static class SiloComposition
{
    // Twice what a caller may wait for a commit.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A silo on loopback in this process, alone in its cluster; clients are in the same process too.</summary>
    public static IHostApplicationBuilder AddStreamingSilo(this IHostApplicationBuilder builder)
    {
        var cluster = builder.Configuration.GetSection(ClusterOptions.Section).Get<ClusterOptions>() ?? new ClusterOptions();
        var siloPort = cluster.SiloPort == 0 ? FreePort() : cluster.SiloPort;
        builder.Services.AddStreamingStorage(builder.Configuration);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort, gatewayPort: 0, serviceId: "streaming", clusterId: cluster.Id);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
            silo.AddStreamingGrains();
        });
        return builder;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
