using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>What a quota leaves, at its limits and one beside them.</summary>
public sealed class QuotaCountTests
{
    private const long Megabyte = QuotaLimits.BytesPerMegabyte;

    private static readonly DateTimeOffset Now = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);
    private static readonly QuotaOptions Options = new() { ParallelUploads = 2, LeaseSeconds = 60 };

    [Theory]
    [InlineData(QuotaLimit.Storage, 0, true)]
    [InlineData(QuotaLimit.Storage, 1, false)]
    [InlineData(QuotaLimit.DailyUpload, 0, true)]
    [InlineData(QuotaLimit.DailyUpload, 1, false)]
    public void Upload_may_take_exactly_what_is_left(QuotaLimit limit, long beyond, bool isGranted)
    {
        var reservations = new[] { Upload(Megabyte) };
        var count = limit == QuotaLimit.Storage
            ? Count(storage: 10, storedCharge: 4 * Megabyte, reservations: reservations)
            : Count(daily: 10, uploadedCharge: 4 * Megabyte, reservations: reservations);

        var grant = count.Decide((5 * Megabyte) + beyond, null, Options);

        Assert.Equal(
            isGranted
                ? new UploadGrant(UploadStatus.Granted, 5 * Megabyte, limit, 10 * Megabyte, 60, Now)
                : new UploadGrant(UploadStatus.LimitExceeded, 0, limit, 10 * Megabyte, ResetsAt: Now),
            grant);
    }

    [Fact]
    public void Where_both_leave_the_same_storage_is_named() =>
        Assert.Equal(QuotaLimit.Storage, Count(storage: 10, daily: 10).Decide(1, null, Options).Limit);

    [Fact]
    public void No_more_is_reserved_than_is_asked_for() =>
        Assert.Equal(7_000, Count(storage: 10, daily: 10).Decide(5_000, 7_000, Options).Bytes);

    [Fact]
    public void Small_file_needs_as_much_room_as_it_is_charged()
    {
        Assert.Equal(UploadStatus.Granted, Count(storage: 10, daily: 10, storedCharge: (10 * Megabyte) - QuotaLimits.MinCharge).Decide(1, null, Options).Status);
        Assert.Equal(UploadStatus.LimitExceeded, Count(storage: 10, daily: 10, storedCharge: (10 * Megabyte) - QuotaLimits.MinCharge + 1).Decide(1, null, Options).Status);
    }

    [Theory]
    [InlineData(1, UploadStatus.Granted)]
    [InlineData(2, UploadStatus.AlreadyUploading)]
    public void Uploads_at_once_are_limited(int uploads, UploadStatus expected) =>
        Assert.Equal(expected, Count(reservations: [.. Enumerable.Range(0, uploads).Select(_ => Upload(1))]).Decide(1, null, Options).Status);

    [Theory]
    [InlineData(8, UploadStatus.Granted)]
    [InlineData(9, UploadStatus.LimitExceeded)]
    public void Videos_are_limited_those_reserved_included(int stored, UploadStatus expected)
    {
        var grant = Count(videos: 10, storedVideos: stored, reservations: [Restore(1)]).Decide(1, null, Options);

        Assert.Equal(expected, grant.Status);
        if (expected == UploadStatus.LimitExceeded)
            Assert.Equal((QuotaLimit.Videos, 10L), (grant.Limit, grant.LimitBytes));
    }

    [Fact]
    public void Restore_takes_storage_and_nothing_of_the_day()
    {
        var count = Count(storage: 10, daily: 10, reservations: [Restore(Megabyte), Upload(2 * Megabyte), Upload(Megabyte)]);

        Assert.Equal((6 * Megabyte, 7 * Megabyte), (count.StorageLeft, count.UploadLeft));
        Assert.Equal((2, 3 * Megabyte), (count.Uploads, count.UploadingBytes));
    }

    [Fact]
    public void Video_is_left_out_of_the_reservations_by_its_id()
    {
        var (one, other) = (Upload(Megabyte), Upload(Megabyte));

        Assert.Equal([other], Count(reservations: [one, other]).Without(one.VideoId).Reservations);
    }

    [Fact]
    public void What_is_set_for_a_user_goes_before_what_everybody_has()
    {
        var options = new QuotaOptions { StorageMegabytes = 1, DailyUploadMegabytes = 2, DailyDownloadMegabytes = 3, Videos = 4 };

        Assert.Equal(new QuotaLimits(Megabyte, 2 * Megabyte, 3 * Megabyte, 4), QuotaCount.LimitsOf(new QuotaOverrides(), options));
        Assert.Equal(new QuotaLimits(5, 6, 7, 8), QuotaCount.LimitsOf(new QuotaOverrides(5, 6, 7, 8), options));
    }

    private static QuotaCount Count(
        long storage = 100, long daily = 100, int videos = 100, long storedCharge = 0, long uploadedCharge = 0, int storedVideos = 0,
        IReadOnlyList<Reservation>? reservations = null) => new(
        new QuotaLimits(storage * Megabyte, daily * Megabyte, null, videos),
        new StoredUsage(new QuotaOverrides(), 0, 0, 0, storedCharge, uploadedCharge, storedVideos, new HashSet<Guid>()),
        reservations ?? [], Now);

    private static Reservation Upload(long bytes) => new(Guid.NewGuid(), bytes, Now);

    private static Reservation Restore(long bytes) => new(Guid.NewGuid(), bytes, Now, IsRestore: true);
}
