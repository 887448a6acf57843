using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Streaming.Silo;

/// <summary>Orleans' table of the members, which takes the death of another silo only as <see cref="DeathDeclarationPolicy"/> allows.</summary>
internal sealed partial class GuardedMembershipTable(IMembershipTable table, DeathDeclarationPolicy rule, ILogger<GuardedMembershipTable> logger) : IMembershipTable
{
    /// <summary>Takes the place of the table that <c>UseAdoNetClustering</c> registered.</summary>
    public static void Use(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IMembershipTable) && !service.IsKeyedService);
        services.AddSingleton<ProcessorPauses>();
        services.AddSingleton<IMembershipTable>(provider => new GuardedMembershipTable(
            (IMembershipTable)(inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            new DeathDeclarationPolicy(
                provider.GetRequiredService<ILocalSiloDetails>().SiloAddress,
                provider.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value,
                provider.GetRequiredService<ProcessorPauses>(),
                provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<ILogger<GuardedMembershipTable>>()));
    }

    /// <summary>False, as when somebody else was faster, where the silo may not be declared dead yet: the next missed probe tries again.</summary>
    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        if (entry.Status != SiloStatus.Dead || rule.Allows(entry))
            return table.UpdateRowAsync(entry, etag, tableVersion, cancellationToken);

        LogSpared(logger, entry.SiloAddress);
        return Task.FromResult(false);
    }

    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        table.InitializeMembershipTableAsync(tryInitTableVersion, cancellationToken);

    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) =>
        table.DeleteMembershipTableEntriesAsync(clusterId, cancellationToken);

    public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) =>
        table.CleanupDefunctSiloEntriesAsync(beforeDate, cancellationToken);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => table.ReadRowAsync(key, cancellationToken);

    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken) => table.ReadAllAsync(cancellationToken);

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken) =>
        table.InsertRowAsync(entry, tableVersion, cancellationToken);

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) => table.UpdateIAmAliveAsync(entry, cancellationToken);

    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync(CancellationToken.None);

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} does not answer, and is not declared dead yet: it still signs the table, or this silo itself stood still.")]
    private static partial void LogSpared(ILogger logger, SiloAddress silo);
}
