using Streaming.Viewing;

namespace Streaming.Content;

/// <summary>One title of the catalogue, by its content id: owner of its metadata and of its live view total.</summary>
[Alias("content")]
public interface IContentGrain : IGrainWithGuidKey
{
    /// <summary>The title, rendered; null when the catalogue does not hold it.</summary>
    [Alias("get")]
    ValueTask<RenderedContent?> GetAsync();

    /// <summary>Whether the catalogue holds the title.</summary>
    [Alias("exists")]
    ValueTask<bool> ExistsAsync();

    /// <summary>
    /// Hands views to this silo's ledger. The ticket comes back at once; the views are acknowledged only when the
    /// ticket's batch is committed (<see cref="ILedgerGrain.WaitAsync"/>). Use <see cref="ViewRecorder"/>, which does both.
    /// </summary>
    [Alias("record-views")]
    ValueTask<ViewTicket> RecordViewsAsync(TitleViews views);
}
