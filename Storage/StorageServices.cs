using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Storage.Embedded;
using Streaming.Storage.Servers;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Storage;

public static class StorageServices
{
    /// <summary>The stores behind the grains, and what opens them at the start.</summary>
    public static IServiceCollection AddStreamingStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<StorageOptions>(StorageOptions.Section);
        services.AddSettings<SeedOptions>(SeedOptions.Section);
        services.AddBackgroundLoops();
        if (configuration.GetStorageFamily() == StorageFamily.Servers)
            services.AddServers();
        else
            services.AddEmbedded();

        return services;
    }

    /// <summary>For what must be composed by it.</summary>
    public static StorageFamily GetStorageFamily(this IConfiguration configuration) =>
        configuration.Read<StorageOptions>(StorageOptions.Section).Family;

    private static void AddEmbedded(this IServiceCollection services)
    {
        services.AddSingleton(provider => new EmbeddedDatabase(provider.GetRequiredService<IOptions<StorageOptions>>().Value.Path));
        services.AddHostedService<EmbeddedStartup>();
        services.AddSingleton<IContentStore, SqliteContentStore>();
        services.AddSingleton<IUserStore, SqliteUserStore>();
        services.AddSingleton<IAccountStore, SqliteAccountStore>();
        services.AddSingleton<ISessionStore, SqliteSessionStore>();
        services.AddSingleton<IAccessStore, SqliteAccessStore>();
        services.AddSingleton<IKeyRingStore, SqliteKeyRingStore>();
        services.AddSingleton<IActivityStore, SqliteActivityStore>();
        services.AddSingleton<IActivityBatchStore, SqliteActivityBatchStore>();
        services.AddSingleton<IWatchTimeStore, SqliteWatchTimeStore>();
        services.AddSingleton<IReviewStore, SqliteReviewStore>();
        services.AddSingleton<ITrendingStore, SqliteTrendingStore>();
        services.AddSingleton<IViewJournal, SqliteViewJournal>();
        services.AddSingleton<ILogStore, SqliteLogStore>();
        services.AddSingleton<IVideoStore, SqliteVideoStore>();
        services.AddSingleton<IVideoListStore, SqliteVideoListStore>();
        services.AddSingleton<IVideoRemovalStore, SqliteVideoRemovalStore>();
        services.AddSingleton<IVideoInspectionStore, SqliteVideoInspectionStore>();
        services.AddSingleton<IQuotaStore, SqliteQuotaStore>();
    }
}
