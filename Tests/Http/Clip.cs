using Microsoft.Extensions.DependencyInjection;
using Streaming.Videos;

namespace Streaming.Tests.Http;

/// <summary>Videos as an upload leaves them, without a file.</summary>
internal static class Clip
{
    public const long Megabyte = QuotaLimits.BytesPerMegabyte;

    /// <summary>Reserves and settles, as the upload does.</summary>
    public static async Task<Guid> UploadAsync(StreamingApplication application, Guid user, long bytes, string title = "A clip")
    {
        var quota = application.Services.GetRequiredService<IGrainFactory>().GetGrain<IQuotaGrain>(user);
        var id = Guid.NewGuid();
        Assert.Equal(UploadStatus.Granted, (await quota.ReserveAsync(id, bytes, bytes)).Status);
        Assert.NotNull(await quota.SettleAsync(new NewVideo(id, user, title, VideoFormat.Mp4, bytes)));
        return id;
    }

    /// <summary>Straight into the store, at any moment and past any limit.</summary>
    public static async Task<Guid> StoreAsync(StreamingApplication application, Guid user, DateTimeOffset uploadedAt, long bytes = 1_000)
    {
        var store = application.Services.GetRequiredService<IVideoStore>();
        var id = Guid.NewGuid();
        Assert.True(await store.BeginAsync(id, user, DateTimeOffset.UtcNow.AddMinutes(5), TestContext.Current.CancellationToken));
        Assert.NotNull(await store.PublishAsync(
            new NewVideo(id, user, "A clip", VideoFormat.WebM, bytes), uploadedAt, TestContext.Current.CancellationToken));
        return id;
    }
}
