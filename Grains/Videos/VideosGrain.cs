using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Streaming.Videos;

/// <summary>Holds nothing, so as many may run as are asked, and calls may interleave.</summary>
[StatelessWorker, Reentrant]
internal sealed class VideosGrain(
    IVideoListStore videos, IVideoInspectionStore inspections, VideoChangeNotifier changes, IOptions<VideoOptions> options, TimeProvider time)
    : Grain, IVideosGrain
{
    private const int MaxPage = 200;
    private const int BatchSize = 200;
    // 200,000 videos; what could be left then is left to a repeated call.
    private const int MaxBatches = 1_000;
    private const int MaxLeaseSeconds = 3_600;

    public Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return videos.ListFromAsync(userId, skip, Math.Clamp(limit, 1, MaxPage), cancellationToken);
    }

    public Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        videos.ListAsync(userId, before, Math.Clamp(limit, 1, MaxPage), cancellationToken);

    public Task<VideoPage> ListDeletedAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken) =>
        videos.ListDeletedAsync(userId, time.GetUtcNow(), before, Math.Clamp(limit, 1, MaxPage), cancellationToken);

    public Task<WaitingVideo?> TakeForInspectionAsync(int leaseSeconds)
    {
        var now = time.GetUtcNow();
        return inspections.TakeAsync(now, now.AddSeconds(Math.Clamp(leaseSeconds, 1, MaxLeaseSeconds)), CancellationToken.None);
    }

    public async Task<int> DeleteAllAsync(Guid userId)
    {
        var count = 0;
        for (var i = 0; i < MaxBatches; i++)
        {
            var now = time.GetUtcNow();
            var deleted = await videos.DeleteAsync(userId, now, now.AddHours(options.Value.GraceHours), BatchSize, CancellationToken.None);
            if (deleted.Count == 0)
                break;

            await changes.NotifyAsync(deleted);
            count += deleted.Count;
        }

        return count;
    }
}
