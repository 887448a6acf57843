using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Viewing;

internal sealed partial class TrendingGrain(
    ITrendingStore store, IOptions<ViewingOptions> options, TimeProvider time, ILogger<TrendingGrain> logger) : Grain, ITrendingGrain
{
    private TrendingList list = new(DateTimeOffset.MinValue, []);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        var interval = TimeSpan.FromSeconds(options.Value.TrendingRefreshSeconds);
        // Not interleaved and not keeping alive: a list that is not asked for any more is not computed any more.
        this.RegisterGrainTimer(
            static (grain, ct) => grain.RefreshOrKeepAsync(ct), this, new GrainTimerCreationOptions(interval, interval));
    }

    public ValueTask<TrendingList> GetTopAsync(int limit) =>
        ValueTask.FromResult(limit >= list.Titles.Length ? list : list with { Titles = list.Titles[..limit] });

    private async Task RefreshOrKeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogStale(logger, list.ComputedAt, e);
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var window = (TrendingWindow)this.GetPrimaryKeyLong();
        list = new TrendingList(now, [.. await store.GetTopAsync(window, now, ITrendingGrain.MaxTitles, cancellationToken)]);
    }

    [LoggerMessage(LogLevel.Warning, "Trends could not be computed; those of {ComputedAt} stand.")]
    private static partial void LogStale(ILogger logger, DateTimeOffset computedAt, Exception exception);
}
