using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Streaming.Content;

/// <summary>Holds nothing, so as many may run as are asked.</summary>
[StatelessWorker, Reentrant]
internal sealed class CatalogueGrain(IContentStore store) : Grain, ICatalogueGrain
{
    public async Task<ImmutableArray<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        [.. await store.ListIdsAsync(after, limit, cancellationToken)];
}
