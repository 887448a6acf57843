using Streaming.Storage;

namespace Streaming.WebFront.Auth;

internal static class AuthComposition
{
    /// <exception cref="StartupException">Tokens could not be signed as it is configured.</exception>
    public static void AddStreamingAuth(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<AuthOptions>(AuthOptions.Section);
        var options = builder.Configuration.Read<AuthOptions>(AuthOptions.Section);
        services.AddSingleton(SigningKeys.Read(options, builder.Environment, builder.KeyFolder()));
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<RevocationCache>();
        services.AddSingleton<CallerReader>();
        services.AddSingleton<RevocationPoller>();
        services.AddHostedService(provider => provider.GetRequiredService<RevocationPoller>());
    }

    /// <summary>The data folder. Where the data is elsewhere, it holds the key of fronts that are run by hand on this machine.</summary>
    public static string KeyFolder(this WebApplicationBuilder builder) =>
        builder.Configuration.Read<StorageOptions>(StorageOptions.Section).Path;
}
