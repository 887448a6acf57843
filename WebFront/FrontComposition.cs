using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Streaming.Media;
using Streaming.Silo;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Content;
using Streaming.WebFront.Dashboard;
using Streaming.WebFront.Documentation;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Reviews;
using Streaming.WebFront.Server;
using Streaming.WebFront.Users;
using Streaming.WebFront.Videos;
using Streaming.WebFront.Viewing;

namespace Streaming.WebFront;

/// <summary>The front's services and pipeline.</summary>
internal static class FrontComposition
{
    // About 10 kB each; what waits in front of a title is bounded by them.
    private const int MaxConnections = 20_000;

    /// <summary>The whole front, with its silo or as a client of silos.</summary>
    /// <exception cref="StartupException">It cannot work as it is configured, or one of its silo's ports is taken.</exception>
    public static void AddStreamingFront(this WebApplicationBuilder builder, Listeners listeners)
    {
        var services = builder.Services;
        builder.AddStreamingTelemetry("streaming-front", secretPath: MediaUrls.Path);
        if (builder.AddStreamingCluster() == ClusterMode.Client)
            services.AddStreamingMedia(builder.Configuration);

        services.AddSettings<CompatibilityOptions>(CompatibilityOptions.Section);
        services.AddSingleton(OpenAccess.Decide(
            builder.Configuration.Read<CompatibilityOptions>(CompatibilityOptions.Section),
            builder.Environment, listeners.Addresses));
        builder.AddStreamingAuth();
        services.AddSingleton<AccountAudit>();
        builder.AddStreamingDashboard();
        services.AddMediaInspection();
        services.AddUploads();
        services.AddStreamingDocumentation();
        services.AddStreamingRateLimits();
        services.AddJsonCompression();
        builder.AddStreamingPlayback();
        builder.AddKnownProxies();
        builder.AddCrossOrigin();
        builder.AddTransportSecurity();
        ContentCodings.Add(services);
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = FrontJson.Contract.Options.PropertyNamingPolicy;
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, FrontJson.Contract);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, StreamingJson.Contract);
        });
        services.AddHostedService<RefusedRequests>();
        // No handler blocks, so requests run on the thread that read them: two hops less for each.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            RequestLimits.Set(kestrel.Limits);
            kestrel.RequestHeaderEncodingSelector = ContentLengthDigits.For;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.ConfigureEndpointDefaults(listen => listen.Use(next =>
            {
                var drain = listen.ApplicationServices.GetRequiredService<Drain>();
                return async connection =>
                {
                    RefusedRequests.Watch(connection);
                    using var abandoned = drain.Abandoned.UnsafeRegister(static open => ((ConnectionContext)open!).Abort(), connection);
                    await next(connection);
                };
            }));
        });
    }

    public static void UseStreamingFront(this WebApplication app)
    {
        app.UseMiddleware<RequestBodyDrain>();
        app.UseKnownProxies();
        app.UseTransportSecurity();
        // Here, since routes are found by what is left of the path without its prefix.
        app.UseRouting();
        // Outside of what answers, so that an error answer can be read by a page of another origin too.
        app.UseCrossOrigin();
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<PolicyEnforcement>();
        BodyFraming.Use(app);
        ContentCodings.Use(app);
        app.UseJsonCompression();
        app.UseStreamingDashboard();
    }

    /// <summary>Every route of the API, a line a feature.</summary>
    public static void MapStreamingApi(this IEndpointRouteBuilder routes)
    {
        routes.MapContent();
        routes.MapTrending();
        routes.MapReviews();
        routes.MapViews();
        routes.MapViewBatches();
        routes.MapUsers();
        routes.MapProgress();
        routes.MapLogs();
        routes.MapUploads();
        routes.MapLogin();
        routes.MapAccounts();
        routes.MapAccountsAdmin();
        routes.MapApiKeys();
        routes.MapVideos();
        routes.MapVideoDeletion();
        routes.MapUsage();
        routes.MapQuotaAdmin();
        routes.MapPlayback();
    }

    /// <summary>Says on the console what is running and where to go.</summary>
    public static void Announce(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        var cluster = app.Services.GetRequiredService<IOptions<ClusterOptions>>().Value;
        var storage = app.Services.GetService<IOptions<StorageOptions>>()?.Value;
        var access = app.Services.GetRequiredService<OpenAccess>().IsAllowed ? "open to everybody on this machine" : "accounts needed";
        var (form, data) = cluster.Mode == ClusterMode.Client
            ? ("a client of its silos", $"in the silos of cluster {cluster.Id}")
            : ("silo and front in one process", storage?.Family == StorageFamily.Servers ? $"on the servers, as a silo of cluster {cluster.Id}" : Path.GetFullPath(storage!.Path));
        var dashboard = app.Services.GetRequiredService<IOptions<DashboardOptions>>().Value.Enabled ? $"{Environment.NewLine}  Ops   {address}/dashboard (administrators: dotnet run --project WebFront -- create-admin)" : "";
        Console.WriteLine($"""
            Streaming is running ({app.Environment.EnvironmentName}; {form}; {access}).
              API   {address}/api/v1/content/ids
              Docs  {address}/api-docs
              Data  {data}{dashboard}
            {StreamingProgram.LastLine}
            """);
    }
}
