using Streaming.Media;
using Streaming.Storage;

namespace Streaming.Silo;

public static class MediaComposition
{
    /// <summary>Media in the data folder of the storage, unless another folder is set.</summary>
    public static IServiceCollection AddStreamingMedia(this IServiceCollection services, IConfiguration configuration)
    {
        var storage = configuration.Read<StorageOptions>(StorageOptions.Section);
        return services.AddMedia(configuration, storage.Path, isDataFolderLocked: storage.Family == StorageFamily.Embedded);
    }
}
