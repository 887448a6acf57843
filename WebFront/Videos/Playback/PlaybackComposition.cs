using Microsoft.AspNetCore.Hosting.Server;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

internal static class PlaybackComposition
{
    /// <exception cref="StartupException">URLs of media could not be made as it is configured.</exception>
    public static void AddStreamingPlayback(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings<MediaUrlOptions>(MediaUrlOptions.Section);
        var options = builder.Configuration.Read<MediaUrlOptions>(MediaUrlOptions.Section);
        services.AddSingleton(MediaKeys.Read(options, builder.Environment, builder.KeyFolder()));
        services.AddHostedService(provider => provider.GetRequiredService<MediaKeys>());
        services.AddSingleton(provider => MediaAddress.Read(options, builder.Environment, provider.GetRequiredService<IServer>));
        services.AddSingleton<MediaUrls>();
        services.AddSingleton<DownloadMeter>();
        services.AddHostedService(provider => provider.GetRequiredService<DownloadMeter>());
        services.AddSingleton<MediaDelivery>();
    }
}
