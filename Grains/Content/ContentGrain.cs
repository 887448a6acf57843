using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using Orleans.Concurrency;
using Orleans.Runtime.Placement;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Viewing;

namespace Streaming.Content;

/// <summary>
/// Reentrant: what it owns is set at its activation, and a call that waits for the reviews must not keep others waiting.
/// </summary>
[Reentrant]
internal sealed class ContentGrain(
    IContentStore store, NewestReviews reviews, DetailsCache cache, ViewLedger ledger, TimeProvider time) : Grain, IContentGrain
{
    private const int MaxMinutes = 48 * 60;

    // Of this activation alone: what another has kept may be from before a change that it was not told of.
    private readonly object detailsKey = new();

    private RenderedRow? row;
    private byte[] credits = [];
    private int lengthSeconds;
    private ViewCounter? views;
    private Task<DetailsRendering>? rendering;
    private WatchingNow watching;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var contentId = this.GetPrimaryKey();
        if (await store.GetAsync(contentId, cancellationToken) is not { } document)
        {
            this.DeactivateSoon(DeactivateOnIdle);
            return;
        }

        views = await ledger.UseCounterAsync(contentId, cancellationToken);
        credits = JsonSerializer.SerializeToUtf8Bytes(document.Credits, StreamingJson.Contract.ContentCredits);
        var json = JsonSerializer.SerializeToUtf8Bytes(document.Row, StreamingJson.Contract.ContentRow);
        lengthSeconds = Math.Clamp(document.Row.DurationMinutes ?? 0, 0, MaxMinutes) * 60;
        row = new RenderedRow(json, ContentVersion.Of(json));
        // Not awaited: it is a number that is only shown.
        _ = AskWatchingAsync();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (views is not null)
            ledger.ReleaseCounter(views);

        cache.Remove(detailsKey);
        return Task.CompletedTask;
    }

    public ValueTask<RenderedRow?> GetRowAsync() => ValueTask.FromResult(row);

    public ValueTask<bool> ExistsAsync() => ValueTask.FromResult(row is not null);

    public ValueTask<int?> GetLengthAsync() => ValueTask.FromResult<int?>(row is null ? null : lengthSeconds);

    public ValueTask<RenderedDetails?> GetDetailsAsync()
    {
        if (row is null)
            return ValueTask.FromResult<RenderedDetails?>(null);

        return cache.Get<DetailsRendering>(detailsKey) is { } kept && kept.IsFresh(time)
            ? ValueTask.FromResult<RenderedDetails?>(kept.With(row, views!.Live, watching.Count(time)))
            : RenderDetailsAsync(row);
    }

    public ValueTask ReviewsChangedAsync()
    {
        // One that is under way may have read the reviews before the change.
        cache.Remove(detailsKey);
        rendering = null;
        return ValueTask.CompletedTask;
    }

    public ValueTask WatchingChangedAsync(int count)
    {
        watching.Tell(count, time);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> GetLedgerAsync()
    {
        if (views is null)
            return ValueTask.FromResult<string?>(null);

        if (ledger.Left is { } left)
            return LeaveAsync(left);

        return views.Moved is { } moved ? AfterAsync(moved) : ValueTask.FromResult<string?>(ledger.WriterId);
    }

    public async ValueTask MoveAsync(SiloAddress target)
    {
        if (views?.Moved is not { } moved)
            return;

        await moved;
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        MigrateOnIdle();
    }

    /// <summary>
    /// The silo is about to go. The title's next activation is elsewhere, and shows no less than this one: it begins when what was recorded here is
    /// in the total. The caller learns from the ledger that it must ask again.
    /// </summary>
    private async ValueTask<string?> LeaveAsync(Task left)
    {
        await left;
        DeactivateOnIdle();
        return ledger.WriterId;
    }

    private async ValueTask<string?> AfterAsync(Task moved)
    {
        await moved;
        return ledger.WriterId;
    }

    /// <summary>One rendering at a time: calls that come meanwhile wait for the same.</summary>
    private async ValueTask<RenderedDetails?> RenderDetailsAsync(RenderedRow title)
    {
        if (rendering is null or { IsCompleted: true })
            rendering = ReadAndRenderAsync();

        var latest = rendering;
        var rendered = await latest;
        if (rendering == latest)
        {
            cache.Set(detailsKey, rendered, new MemoryCacheEntryOptions { Size = rendered.Bytes });
            rendering = null;
        }

        return rendered.With(title, views!.Live, watching.Count(time));
    }

    /// <summary>Who watched before this activation, say when the silo of the last one died, watches still.</summary>
    private async Task AskWatchingAsync()
    {
        try
        {
            if (await GrainFactory.GetGrain<IPresenceGrain>(this.GetPrimaryKey()).CountAsync() is > 0 and var count && watching.Count(time) == 0)
                watching.Tell(count, time);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            // The next heartbeat tells.
        }
    }

    private async Task<DetailsRendering> ReadAndRenderAsync() =>
        DetailsRendering.Render(credits, await reviews.ReadAsync(this.GetPrimaryKey()), time.GetUtcNow());
}
