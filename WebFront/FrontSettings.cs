using Streaming.Silo;
using Streaming.Silo.Telemetry;
using Streaming.Storage;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Videos;

namespace Streaming.WebFront;

/// <summary>The settings that a front reads, those of the silo in its process included.</summary>
internal static class FrontSettings
{
    /// <exception cref="StartupException">Some are wrong; a line each.</exception>
    public static void CheckFrontSettings(this WebApplicationBuilder builder, Listeners listeners)
    {
        var settings = new SettingsCheck(builder.Configuration);
        settings.CheckListeners(listeners);
        settings.CheckTelemetry(builder.Configuration, listeners);
        settings.CheckGrains(builder);
        settings.CheckFront(builder.Environment, listeners.Addresses);
        settings.Throw();
    }

    /// <summary>Where the grains are.</summary>
    /// <exception cref="StartupException">Some are wrong; a line each.</exception>
    public static void CheckClusterSettings(this WebApplicationBuilder builder)
    {
        var settings = new SettingsCheck(builder.Configuration);
        settings.CheckGrains(builder);
        settings.Throw();
    }

    /// <summary>The same for what works on the databases, which a client of silos knows nothing of.</summary>
    /// <exception cref="StartupException">Some are wrong, or there are none; a line each.</exception>
    public static void CheckOwnStorage(this WebApplicationBuilder builder)
    {
        builder.CheckClusterSettings();
        if (builder.Configuration.Read<ClusterOptions>(ClusterOptions.Section).Mode == ClusterMode.Client)
            throw new StartupException("Cluster:Mode is Client, and the databases are those of the silos. Use this command of Streaming.Silo.");
    }

    private static void CheckGrains(this SettingsCheck settings, WebApplicationBuilder builder)
    {
        if (settings.Section<ClusterOptions>(ClusterOptions.Section).Mode == ClusterMode.Embedded)
        {
            settings.CheckSilo(builder.Environment);
            return;
        }

        var (_, storage) = settings.CheckCluster();
        settings.Rule(() => ClusterConnection.CheckClient(storage.Family));
        settings.Section<AccountOptions>(AccountOptions.Section);
        var servers = settings.Section<ConnectionOptions>(ConnectionOptions.Section);
        if (storage.Family != StorageFamily.Servers)
            return;

        foreach (var check in servers.ClusterChecks())
            settings.Rule(check);
    }

    /// <summary>What a front reads besides, wherever its grains are.</summary>
    internal static void CheckFront(this SettingsCheck settings, IHostEnvironment environment, IEnumerable<BindingAddress> listeners)
    {
        var compatibility = settings.Section<CompatibilityOptions>(CompatibilityOptions.Section);
        settings.Rule(() => OpenAccess.Decide(compatibility, environment, listeners));
        var auth = settings.Section<AuthOptions>(AuthOptions.Section);
        settings.Rule(() => SigningKeys.Read(auth, environment, folder: ""));
        var media = settings.Section<MediaUrlOptions>(MediaUrlOptions.Section);
        settings.Rule(() => MediaKeys.Read(media, environment, folder: ""));
        settings.Rule(() => MediaAddress.Read(media, environment, () => throw new InvalidOperationException("There is no server yet.")));
        settings.Section<UploadOptions>(UploadOptions.Section);
        settings.Section<RateLimitOptions>(RateLimitOptions.Section);
        var proxies = settings.Section<ProxyOptions>(ProxyOptions.Section);
        settings.Rule(() => KnownProxies.Read(proxies));
        var path = settings.Section<PathOptions>(PathOptions.Section);
        settings.Rule(() => PathPrefix.Read(path));
        var pages = settings.Section<CrossOriginOptions>(CrossOriginOptions.Section);
        settings.Rule(() => CrossOrigin.Read(pages.Origins, environment.IsDevelopment()));
    }
}
