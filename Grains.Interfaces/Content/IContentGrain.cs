using Streaming.Viewing;

namespace Streaming.Content;

/// <summary>One title of the catalogue, by its content id: owner of its metadata and of its live view total.</summary>
// No token in the hottest calls: each would cost a source at the grain and a registration at the caller, and their one reading is shared.
[Alias("content")]
public interface IContentGrain : IGrainWithGuidKey
{
    /// <summary>The title's metadata; null when the catalogue does not hold it.</summary>
    [Alias("get-row")]
    ValueTask<RenderedRow?> GetRowAsync();

    /// <summary>The title with its credits, newest reviews and live total; null when the catalogue does not hold it.</summary>
    [Alias("get-details")]
    ValueTask<RenderedDetails?> GetDetailsAsync();

    /// <summary>Tells that the title's reviews have changed; whoever asks for details after this has answered sees it.</summary>
    [Alias("reviews-changed")]
    ValueTask ReviewsChangedAsync();

    /// <summary>Tells how many watch the title now.</summary>
    [Alias("watching-changed")]
    ValueTask WatchingChangedAsync(int watching);

    /// <summary>Whether the catalogue holds the title.</summary>
    [Alias("exists")]
    ValueTask<bool> ExistsAsync();

    /// <summary>The title's length in seconds, 0 where the catalogue does not know it; null when the catalogue does not hold the title.</summary>
    [Alias("get-length")]
    ValueTask<int?> GetLengthAsync();

    /// <summary>
    /// Key of the <see cref="ILedgerGrain"/> that records the title's views for as long as it lives here; null when the
    /// catalogue does not hold it. Use <c>ViewLedgerClient</c>.
    /// </summary>
    [Alias("get-ledger")]
    ValueTask<string?> GetLedgerAsync();

    /// <summary>Goes to another silo, once this one's ledger has let it go.</summary>
    [Alias("move")]
    ValueTask MoveAsync(SiloAddress target);
}
