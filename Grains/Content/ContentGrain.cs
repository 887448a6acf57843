using System.Text.Json;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;

namespace Streaming.Content;

internal sealed class ContentGrain(IContentStore store, ViewLedger ledger) : Grain, IContentGrain
{
    private byte[]? row;
    private byte[] credits = [];
    private ViewCounter? views;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var contentId = this.GetPrimaryKey();
        if (await store.GetAsync(contentId, cancellationToken) is not { } document)
        {
            this.EndSoon(DeactivateOnIdle);
            return;
        }

        views = await ledger.UseCounterAsync(contentId, cancellationToken);
        credits = JsonSerializer.SerializeToUtf8Bytes(document.Credits, StreamingJson.Contract.ContentCredits);
        row = JsonSerializer.SerializeToUtf8Bytes(document.Row, StreamingJson.Contract.ContentRow);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (views is not null)
            ledger.ReleaseCounter(views);

        return Task.CompletedTask;
    }

    public ValueTask<RenderedContent?> GetAsync() =>
        ValueTask.FromResult(row is null ? null : new RenderedContent(row, credits, views!.Live));

    public ValueTask<bool> ExistsAsync() => ValueTask.FromResult(row is not null);

    public ValueTask<ViewTicket> RecordViewsAsync(TitleViews batch) =>
        ValueTask.FromResult(views is null ? ViewTicket.UnknownTitle : ledger.Record(views, batch));
}
