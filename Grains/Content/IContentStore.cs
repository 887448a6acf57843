namespace Streaming.Content;

/// <summary>The catalogue: <c>content_metadata</c> with genres and cast, distributed by content id.</summary>
public interface IContentStore
{
    /// <summary>One title with its genres and cast, both by name; null when there is none.</summary>
    Task<ContentDocument?> GetAsync(Guid contentId, CancellationToken cancellationToken);

    /// <summary>Content ids in ascending order, those after <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Those of the ids that the catalogue holds, in no order. At most <see cref="Viewing.ViewLimits.MaxBatchEntries"/> ids.</summary>
    Task<IReadOnlyList<Guid>> FindExistingAsync(IReadOnlyCollection<Guid> contentIds, CancellationToken cancellationToken);
}

public sealed record ContentDocument(ContentRow Row, ContentCredits Credits);
