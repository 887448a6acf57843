using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Streaming.Ledger;
using Streaming.Storage;
using Streaming.Storage.Servers;

namespace Streaming.Benchmarks.Hosts;

/// <summary>
/// The journal with its apply steps on connections of their own, known to the database by name: appends share nothing with
/// them, so the processor time of those sessions is that of the apply transactions.
/// </summary>
internal sealed class ApplyApart(IViewJournal journal, IViewJournal applying) : IViewJournal
{
    /// <summary>What <c>pg_stat_activity</c> calls those sessions.</summary>
    public const string ApplicationName = "bench-apply";

    public Task OpenWriterAsync(string writerId, CancellationToken cancellationToken) => journal.OpenWriterAsync(writerId, cancellationToken);

    public Task<IReadOnlyList<string>> ListWritersAsync(CancellationToken cancellationToken) => journal.ListWritersAsync(cancellationToken);

    public void Append(string writerId, long batch, JournalEntries entries) => journal.Append(writerId, batch, entries);

    public Task<AppliedViews> ApplyAsync(string writerId, CancellationToken cancellationToken) => applying.ApplyAsync(writerId, cancellationToken);

    public Task<AppliedViews> CloseWriterAsync(string writerId, CancellationToken cancellationToken) =>
        journal.CloseWriterAsync(writerId, cancellationToken);

    public Task<long> GetTotalAsync(Guid contentId, CancellationToken cancellationToken) => journal.GetTotalAsync(contentId, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, long>> GetTotalsAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken) =>
        journal.GetTotalsAsync(contentIds, cancellationToken);

    public Task<int> ForgetOldAsync(CancellationToken cancellationToken) => journal.ForgetOldAsync(cancellationToken);
}

internal static class ApplyApartServices
{
    private const string Apply = "apply";

    /// <summary>After the silo's own composition.</summary>
    public static void SetApplyApart(this IServiceCollection services)
    {
        services.AddKeyedSingleton(Apply, (provider, _) => new ServerConnections(Named(provider.GetRequiredService<IOptions<ConnectionOptions>>().Value)));
        services.Replace(ServiceDescriptor.Singleton<IViewJournal>(provider =>
        {
            var copies = provider.GetRequiredService<RedisCopies>();
            return new ApplyApart(
                new CitusViewJournal(provider.GetRequiredService<ServerConnections>(), copies),
                new CitusViewJournal(provider.GetRequiredKeyedService<ServerConnections>(Apply), copies));
        }));
    }

    private static ConnectionOptions Named(ConnectionOptions options) => new()
    {
        Metadata = new NpgsqlConnectionStringBuilder(options.Metadata) { ApplicationName = ApplyApart.ApplicationName }.ConnectionString,
        Analytics = options.Analytics,
        Mongo = options.Mongo,
    };
}
