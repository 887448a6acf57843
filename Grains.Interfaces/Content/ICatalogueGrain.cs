using System.Collections.Immutable;

namespace Streaming.Content;

/// <summary>Reads over the whole catalogue. A stateless worker; its key is always 0.</summary>
[Alias("catalogue")]
public interface ICatalogueGrain : IGrainWithIntegerKey
{
    /// <summary>Content ids in ascending order, those after <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    [Alias("list-ids")]
    Task<ImmutableArray<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken = default);
}
