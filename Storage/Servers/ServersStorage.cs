using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Storage.Servers;

internal static class ServersStorage
{
    /// <summary>The stores on Citus or PostgreSQL, MongoDB and Redis.</summary>
    public static void AddServers(this IServiceCollection services)
    {
        services.AddSettings<ConnectionOptions>(ConnectionOptions.Section);
        services.AddSingleton(provider => new ServerConnections(provider.GetRequiredService<IOptions<ConnectionOptions>>().Value, provider.GetService<RedisWatch>()));
        services.AddSettings<FederationOptions>(FederationOptions.Section);
        services.AddSettings<ReplicationOptions>(ReplicationOptions.Section);
        services.AddSingleton<ISetupStep, ReplicationStep>();
        services.AddSingleton<ISetupStep, FederationStep>();
        services.AddSingleton<IValidateOptions<SeedOptions>>(provider => new SeedValidation(provider.GetRequiredService<IHostEnvironment>(), StorageFamily.Servers));
        services.AddHostedService<ServersStartup>();
        services.AddHostedService<ServersDemoData>();
        services.AddSingleton<ReplicaReader>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplicaReader>());
        services.AddSingleton<IUserStore, PostgresUserStore>();
        services.AddSingleton<IKeyRingStore, PostgresKeyRingStore>();
        services.AddSingleton<IAccountStore, PostgresAccountStore>();
        services.AddSingleton<ISessionStore, PostgresSessionStore>();
        services.AddSingleton<IAccessStore, PostgresAccessStore>();
        services.AddSingleton<IActivityStore, PostgresActivityStore>();
        services.AddSingleton<IActivityBatchStore, PostgresActivityBatchStore>();
        services.AddSingleton<IWatchTimeStore, PostgresWatchTimeStore>();
        services.AddSingleton<ILogStore, PostgresLogStore>();
        services.AddSingleton<IVideoStore, PostgresVideoStore>();
        services.AddSingleton<IVideoListStore, PostgresVideoListStore>();
        services.AddSingleton<IVideoRemovalStore, PostgresVideoRemovalStore>();
        services.AddSingleton<IVideoInspectionStore, PostgresVideoInspectionStore>();
        services.AddSingleton<IQuotaStore, PostgresQuotaStore>();
        services.AddSingleton<IContentStore, CitusContentStore>();
        services.AddSingleton<ITrendingStore, CitusTrendingStore>();
        services.AddSingleton<RedisCopies>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisCopies>());
        services.AddSingleton<IViewJournal, CitusViewJournal>();
        services.AddSingleton<IReviewStore>(provider => new MongoReviewStore(
            provider.GetRequiredService<ServerConnections>().Mongo,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MongoReviewStore>>()));
    }
}
