using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>A silo with people who have videos.</summary>
internal static class VideosSilo
{
    public const long Megabyte = QuotaLimits.BytesPerMegabyte;

    public static IQuotaGrain Quota(this SiloFixture silo, Guid user) => silo.Grains.GetGrain<IQuotaGrain>(user);

    public static IVideoGrain Video(this SiloFixture silo, Guid video) => silo.Grains.GetGrain<IVideoGrain>(video);

    public static IVideosGrain Videos(this SiloFixture silo) => silo.Grains.GetGrain<IVideosGrain>(0);

    /// <summary>Reserves for an upload of a new id.</summary>
    public static async Task<(Guid VideoId, UploadGrant Grant)> ReserveAsync(this SiloFixture silo, Guid user, long atLeast, long? atMost)
    {
        var id = Guid.NewGuid();
        return (id, await silo.Quota(user).ReserveAsync(id, atLeast, atMost));
    }

    public static async Task<Guid> BeginAsync(this SiloFixture silo, Guid user, long bytes = Megabyte)
    {
        var (id, grant) = await silo.ReserveAsync(user, bytes, bytes);
        Assert.Equal((UploadStatus.Granted, bytes), (grant.Status, grant.Bytes));
        return id;
    }

    public static Task<Video?> SettleAsync(this SiloFixture silo, Guid user, Guid id, long bytes = Megabyte) =>
        silo.Quota(user).SettleAsync(new NewVideo(id, user, "A video", VideoFormat.Mp4, bytes));

    public static async Task<Guid> UploadAsync(this SiloFixture silo, Guid user, long bytes = Megabyte)
    {
        var id = await silo.BeginAsync(user, bytes);
        Assert.NotNull(await silo.SettleAsync(user, id, bytes));
        return id;
    }

    public static async Task<QuotaUsage> UsageAsync(this SiloFixture silo, Guid user) => (await silo.Quota(user).GetUsageAsync())!;
}
