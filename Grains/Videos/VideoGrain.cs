using Microsoft.Extensions.Options;

namespace Streaming.Videos;

internal sealed class VideoGrain(IVideoStore videos, IVideoInspectionStore inspections, IGrainFactory grains, IOptions<VideoOptions> options, TimeProvider time) : Grain, IVideoGrain
{
    // Who changes a row elsewhere tells; should that fail, or another activation live, this is how long nobody notices.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    private Video? known;
    private DateTimeOffset readAt;
    private bool isEnding;

    private Guid VideoId => this.GetPrimaryKey();

    public async Task<Video?> GetAsync(CancellationToken cancellationToken) =>
        known is not null && time.GetUtcNow() - readAt < MaxAge ? known : await ReadAsync(cancellationToken);

    public async Task<bool> DeleteAsync(Guid? owner)
    {
        if (await ReadOwnAsync(owner) is not { } video)
            return false;

        if (video.DeletedAt is not null)
            return true;

        var now = time.GetUtcNow();
        known = null;
        await videos.DeleteAsync(VideoId, now, now.AddHours(options.Value.GraceHours), CancellationToken.None);
        // What is there now counts: another call may have come first, or the account may be gone.
        return await ReadAsync(CancellationToken.None) is { DeletedAt: not null };
    }

    public async Task<RestoreStatus> RestoreAsync(Guid? owner)
    {
        if (await ReadOwnAsync(owner) is not { } video)
            return RestoreStatus.NotFound;

        known = null;
        return await grains.GetGrain<IQuotaGrain>(video.UserId).RestoreAsync(VideoId);
    }

    public async Task DescribeAsync(VideoInspection found)
    {
        await inspections.DescribeAsync(VideoId, found, time.GetUtcNow(), CancellationToken.None);
        known = null;
    }

    public Task ForgetAsync()
    {
        known = null;
        EndUnknown();
        return Task.CompletedTask;
    }

    private async Task<Video?> ReadOwnAsync(Guid? owner) =>
        await ReadAsync(CancellationToken.None) is { } video && (owner is null || video.UserId == owner) ? video : null;

    private async Task<Video?> ReadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        (known, readAt) = (await videos.FindAsync(VideoId, cancellationToken), now);
        if (known is null)
            EndUnknown();

        return known;
    }

    /// <summary>See <see cref="UnknownKeyDeactivation"/>: its key may name nothing, and whoever tells many videos wakes those that nobody plays.</summary>
    private void EndUnknown()
    {
        if (!isEnding)
            this.DeactivateSoon(DeactivateOnIdle);

        isEnding = true;
    }
}
