using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Streaming.Silo.Commands;
using Streaming.Silo.Health;
using Streaming.Silo.Telemetry;

namespace Streaming.Silo;

/// <summary>A cluster node: a silo, and its health over HTTP. Named, since the front has a Program too.</summary>
internal static class SiloProgram
{
    private const string DefaultUrls = "http://localhost:3001";

    private static readonly CommandLine Line = new("Streaming.Silo",
    [
        Migrate.With(builder => builder.CheckSiloSettings(Listeners.None)),
        CheckConfig.With(DefaultUrls, SiloSettings.CheckSiloSettings),
        Backup.With(_ => { }),
        Backup.Restoring(_ => { }),
        ReviewsCommands.Export,
        ReviewsCommands.Import,
        HealthProbe.Command,
    ]);

    public static Task<int> Main(string[] args) => StreamingProgram.RunAsync(() => Line.RunAsync(args, () => ServeAsync(args)));

    private static async Task ServeAsync(string[] args)
    {
        var builder = StreamingProgram.CreateBuilder(args);
        var listeners = builder.UseConfiguredUrls(DefaultUrls);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.CheckSiloSettings(listeners);
        builder.AddStreamingSilo(ofItsOwn: true);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

        var app = builder.Build();
        app.UseStreamingTelemetry();
        listeners.CheckFree(app.Services.GetRequiredService<IServer>());
        app.MapHealth();

        await app.ServeAsync(() => Announce(app));
    }

    private static void Announce(WebApplication app)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        var silo = app.Services.GetRequiredService<ILocalSiloDetails>();
        var cluster = app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        Console.WriteLine($"""
            Silo {silo.SiloAddress} of cluster {cluster.Id} is running ({app.Environment.EnvironmentName}; gateway {silo.GatewayAddress?.Endpoint}).
              Health  {address}/health/ready
            {StreamingProgram.LastLine}
            """);
    }
}
