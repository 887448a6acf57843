namespace Streaming.Videos;

/// <summary>How a user stands at a moment, and what room that leaves.</summary>
/// <param name="Reservations">Those that hold, and whose uploads are not among the stored ones.</param>
internal sealed record QuotaCount(QuotaLimits Limits, StoredUsage Stored, IReadOnlyList<Reservation> Reservations, DateTimeOffset ResetsAt)
{
    public int Uploads => Reservations.Count(reservation => !reservation.IsRestore);

    public long UploadingBytes => Reservations.Where(reservation => !reservation.IsRestore).Sum(reservation => reservation.Bytes);

    /// <summary>Negative where a limit was lowered below what there is.</summary>
    public long StorageLeft => Limits.StorageBytes - Stored.StoredCharge - Reservations.Sum(reservation => reservation.Charge);

    /// <summary>An upload counts on the day on which it is stored, so those under way count on this one, whenever they began.</summary>
    public long UploadLeft => Limits.DailyUploadBytes - Stored.UploadedCharge - Reservations.Where(reservation => !reservation.IsRestore).Sum(reservation => reservation.Charge);

    public long VideosLeft => Limits.Videos - Stored.StoredVideos - Reservations.Count;

    public static QuotaLimits LimitsOf(QuotaOverrides overrides, QuotaOptions options) => new(
        overrides.StorageBytes ?? options.StorageMegabytes * QuotaLimits.BytesPerMegabyte,
        overrides.DailyUploadBytes ?? options.DailyUploadMegabytes * QuotaLimits.BytesPerMegabyte,
        overrides.DailyDownloadBytes ?? options.DailyDownloadMegabytes * QuotaLimits.BytesPerMegabyte,
        overrides.Videos ?? options.Videos);

    public QuotaCount Without(Guid videoId) => this with { Reservations = [.. Reservations.Where(reservation => reservation.VideoId != videoId)] };

    /// <summary>What an upload would get.</summary>
    public UploadGrant Decide(long atLeast, long? atMost, QuotaOptions options)
    {
        if (Uploads >= options.ParallelUploads)
            return new UploadGrant(UploadStatus.AlreadyUploading, ResetsAt: ResetsAt);

        if (VideosLeft <= 0)
            return Refuse(QuotaLimit.Videos);

        // A smaller file is charged as one of so many bytes, and fits into what is reserved for it.
        var needed = QuotaLimits.Charge(atLeast);
        if (needed > StorageLeft)
            return Refuse(QuotaLimit.Storage);

        if (needed > UploadLeft)
            return Refuse(QuotaLimit.DailyUpload);

        var left = Math.Min(StorageLeft, UploadLeft);
        var limit = StorageLeft <= UploadLeft ? QuotaLimit.Storage : QuotaLimit.DailyUpload;
        return new UploadGrant(
            UploadStatus.Granted, Math.Min(atMost ?? left, left), limit, BytesOf(limit), options.LeaseSeconds, ResetsAt);
    }

    private UploadGrant Refuse(QuotaLimit limit) => new(UploadStatus.LimitExceeded, 0, limit, BytesOf(limit), ResetsAt: ResetsAt);

    private long BytesOf(QuotaLimit limit) => limit switch
    {
        QuotaLimit.Storage => Limits.StorageBytes,
        QuotaLimit.Videos => Limits.Videos,
        _ => Limits.DailyUploadBytes,
    };
}
