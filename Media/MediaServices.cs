using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Videos;

namespace Streaming.Media;

public static class MediaServices
{
    /// <summary>The media store and the place where uploads grow, for fronts and silos.</summary>
    /// <param name="dataFolder">Where media are unless <c>Media:Path</c> names another folder.</param>
    /// <param name="isDataFolderLocked">No other program uses the data folder, so what uploads have left there is nobody's.</param>
    public static IServiceCollection AddMedia(
        this IServiceCollection services, IConfiguration configuration, string dataFolder, bool isDataFolderLocked)
    {
        services.AddSettings<MediaOptions>(MediaOptions.Section);
        services.AddBackgroundLoops();
        services.AddSingleton<DiskWriter>();
        services.AddSingleton(provider =>
        {
            var media = provider.GetRequiredService<IOptions<MediaOptions>>().Value;
            // The data folder's lock says nothing of other folders.
            return string.IsNullOrEmpty(media.Path)
                ? new MediaFolder(Path.Combine(dataFolder, "media"), isDataFolderLocked, (long)media.MinFreeMegabytes << 20)
                : new MediaFolder(media.Path, isOurs: false, (long)media.MinFreeMegabytes << 20);
        });
        services.AddSingleton(provider => new UploadSpool(
            provider.GetRequiredService<MediaFolder>(), provider.GetRequiredService<DiskWriter>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<MediaCleanup>();
        if (configuration.Read<MediaOptions>(MediaOptions.Section).Store == MediaStoreKind.Cloudinary)
            services.AddCloudinary();
        else
            services.AddSingleton<IMediaStore, DiskMediaStore>();

        return services;
    }

    /// <summary>For fronts: what they find out about videos that they took.</summary>
    public static IServiceCollection AddMediaInspection(this IServiceCollection services)
    {
        services.AddSingleton(provider => new MediaInspection(
            provider.GetRequiredService<IMediaStore>(), provider.GetRequiredService<MediaFolder>(), provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<IOptions<MediaOptions>>(), provider.GetRequiredService<BackgroundLoops>(), provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<MediaInspection>>()));
        services.AddHostedService(provider => provider.GetRequiredService<MediaInspection>());
        return services;
    }
}
