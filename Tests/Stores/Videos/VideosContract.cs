using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>What the suites of videos share. The stores are told every moment, so it is one that no clock shows.</summary>
public abstract class VideosContract(StoreFixture fixture) : StoreContract(fixture)
{
    protected static readonly DateTimeOffset Now = new(2026, 3, 14, 9, 30, 0, 123, TimeSpan.Zero);
    protected static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    protected static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    protected IVideoStore Videos => Fixture.Videos;

    protected IVideoListStore Lists => Fixture.VideoLists;

    protected IVideoRemovalStore Removals => Fixture.VideoRemovals;

    protected IVideoInspectionStore Inspections => Fixture.VideoInspections;

    protected IQuotaStore Quotas => Fixture.Quotas;

    protected async Task<Guid> BeginAsync(Guid user, DateTimeOffset? dueAt = null)
    {
        var id = Samples.Id();
        Assert.True(await Videos.BeginAsync(id, user, dueAt ?? Now + Minute, Cancel));
        return id;
    }

    protected static NewVideo NewVideo(Guid id, Guid user, long bytes = 1_000, string title = "A video") => new(id, user, title, VideoFormat.Mp4, bytes);

    protected async Task<Video> AddVideoAsync(Guid user, DateTimeOffset? at = null, long bytes = 1_000, string title = "A video")
    {
        var id = await BeginAsync(user);
        return (await Videos.PublishAsync(NewVideo(id, user, bytes, title), at ?? Now, Cancel))!;
    }

    protected async Task<Video> AddDeletedAsync(Guid user, DateTimeOffset? at = null, TimeSpan? grace = null, long bytes = 1_000)
    {
        var video = await AddVideoAsync(user, at, bytes);
        Assert.True(await DeleteAsync(video.VideoId, video.UploadedAt, grace));
        return (await Videos.FindAsync(video.VideoId, Cancel))!;
    }

    protected Task<bool> DeleteAsync(Guid id, DateTimeOffset? at = null, TimeSpan? grace = null) =>
        Videos.DeleteAsync(id, at ?? Now, (at ?? Now) + (grace ?? Grace), Cancel);

    protected async Task<IEnumerable<Guid>> TakeAsync(DateTimeOffset now, int limit = 100) =>
        (await Removals.TakeDueAsync(now, now + Minute, limit, Cancel)).Select(video => video.VideoId);

    protected async Task<StoredUsage> UsageAsync(Guid user, DateTimeOffset? at = null, params Guid[] uploads) =>
        (await Quotas.GetUsageAsync(user, DateOnly.FromDateTime((at ?? Now).UtcDateTime), uploads, Cancel))!;

    protected static List<Guid> NewestFirst(IEnumerable<Video> videos, Func<Video, DateTimeOffset?> moment) =>
        [.. videos.OrderByDescending(moment).ThenByDescending(video => video.VideoId.ToString(), StringComparer.Ordinal).Select(video => video.VideoId)];
}
