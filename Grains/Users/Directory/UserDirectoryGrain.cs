using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Streaming.Users;

/// <summary>Holds nothing, so as many may run as are asked.</summary>
[StatelessWorker, Reentrant]
internal sealed class UserDirectoryGrain(IUserStore store) : Grain, IUserDirectoryGrain
{
    public async Task<ImmutableArray<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken) =>
        [.. await store.ListIdsAsync(after, limit, cancellationToken)];
}
