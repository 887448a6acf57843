using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Streaming.Storage.Embedded;
using Streaming.Storage.Migrations;
using Streaming.Storage.Servers;

namespace Streaming.Storage.Operations;

/// <summary>What a start does to the databases, for a program that does nothing else.</summary>
public static class SchemaMigration
{
    /// <summary>Brings all databases to the newest schema, whatever <c>Storage:Migrate</c> says.</summary>
    /// <param name="services">With the stores in it.</param>
    /// <exception cref="StartupException">One is not; those before it are.</exception>
    public static async Task<IReadOnlyList<MigratedSchema>> MigrateAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var storage = services.GetRequiredService<IOptions<StorageOptions>>().Value;
        if (storage.Family == StorageFamily.Embedded)
        {
            using var folder = DataFolder.Open(storage.Path);
            return await EmbeddedDatabase.MigrateAsync(folder, cancellationToken);
        }

        var migrated = await ActivatorUtilities.CreateInstance<ServersStartup>(services).MigrateAsync(migrate: true, cancellationToken);
        // A start goes on without it. A migration has not been done.
        return services.GetRequiredService<ServerConnections>().AnalyticsReplica is null || migrated.Any(schema => schema.Database.EndsWith(nameof(ConnectionOptions.AnalyticsReplica), StringComparison.Ordinal))
            ? migrated
            : throw new StartupException("The server of ConnectionStrings:AnalyticsReplica does not answer; the other databases have the newest schema. Start it, or correct its address, and migrate again.");
    }
}
