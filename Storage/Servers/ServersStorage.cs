using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Streaming.Viewing.Ledger;

namespace Streaming.Storage.Servers;

internal static class ServersStorage
{
    /// <summary>The stores on Citus or PostgreSQL, MongoDB and Redis.</summary>
    public static void AddServers(this IServiceCollection services)
    {
        services.AddOptions<ConnectionOptions>().BindConfiguration(ConnectionOptions.Section);
        services.AddSingleton(provider => new ServerConnections(provider.GetRequiredService<IOptions<ConnectionOptions>>().Value));
        services.AddHostedService<ServersStartup>();
        services.AddSingleton<RedisCopies>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisCopies>());
        services.AddSingleton<IViewJournal, CitusViewJournal>();
    }
}
