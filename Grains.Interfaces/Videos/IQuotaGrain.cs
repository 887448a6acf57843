using Orleans.Concurrency;

namespace Streaming.Videos;

/// <summary>
/// A user's quota, by user id: limits, what is reserved for uploads under way, and bandwidth of the day. Usage itself has one
/// owner, the rows of <c>videos</c>; a reservation covers an upload from before its first byte until its row counts. It is
/// granted only after the grain's state was written under the ETag that the sum was made with, so of two activations that live
/// for a moment one cannot grant, and no race oversteps a limit.
/// </summary>
[Alias("quota")]
public interface IQuotaGrain : IGrainWithGuidKey
{
    /// <summary>
    /// Reserves room for an upload, and makes its row: the id must be a new one. What is reserved is
    /// <paramref name="atMost"/>, or what is left when that is less and <paramref name="atLeast"/> fits.
    /// </summary>
    /// <param name="atLeast">Bytes that the file surely has; when they do not fit, nothing is reserved.</param>
    /// <param name="atMost">Bytes that it cannot have more of; null while it is unknown.</param>
    [Alias("reserve")]
    Task<UploadGrant> ReserveAsync(Guid videoId, long atLeast, long? atMost);

    /// <summary>A sign of life: the reservation holds for another lease. False when it is gone, and the upload must end.</summary>
    [Alias("renew")]
    Task<bool> RenewAsync(Guid videoId);

    /// <summary>
    /// Makes an upload a video, once its media are in the store. May be repeated until it succeeds, with the same values.
    /// Null when the reservation was gone: there is no such video, and the caller removes the media.
    /// </summary>
    [Alias("settle")]
    Task<Video?> SettleAsync(NewVideo video);

    /// <summary>Ends an upload that failed, and gives back what it had reserved. May be repeated.</summary>
    /// <param name="mayHaveMedia">Whether something of it may be in the media store; then that is removed, now or later.</param>
    [Alias("release")]
    Task ReleaseAsync(Guid videoId, bool mayHaveMedia);

    /// <summary>Makes a deleted video of the user play again, when it fits.</summary>
    [Alias("restore")]
    Task<RestoreStatus> RestoreAsync(Guid videoId);

    /// <summary>Null when there is no such account.</summary>
    [Alias("usage")]
    Task<QuotaUsage?> GetUsageAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets what holds for this user instead of what everybody has. False when there is no such account.</summary>
    [Alias("set-overrides")]
    Task<bool> SetOverridesAsync(QuotaOverrides limits);

    /// <summary>
    /// Whether the user may play more today. What is being sent is not known here yet, so the limit is overstepped by as much
    /// as was on its way when it was reached.
    /// </summary>
    // Interleaves, as the next one: a request for media must not wait behind an upload's reservation. Neither touches the state.
    [AlwaysInterleave, Alias("may-download")]
    Task<DownloadAllowance> MayDownloadAsync();

    /// <summary>Counts bytes that were sent to the user on a UTC day. Completes when they are on disk, or what became of them.</summary>
    [AlwaysInterleave, Alias("count-download")]
    Task<Outcome> CountDownloadAsync(DateOnly day, long bytes);

    /// <summary>The account is gone: nothing of it is kept.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <param name="Bytes">Reserved: the file must not have more. 0 unless granted.</param>
/// <param name="Limit">The limit that refuses the upload, or that would refuse a file of more bytes.</param>
/// <param name="LimitBytes">That limit; of <see cref="QuotaLimit.Videos"/> their number.</param>
/// <param name="LeaseSeconds">See <see cref="QuotaOptions.LeaseSeconds"/>.</param>
/// <param name="ResetsAt">When the day's bandwidth begins again.</param>
[GenerateSerializer, Immutable, Alias("upload-grant")]
public sealed record UploadGrant(
    [property: Id(0)] UploadStatus Status,
    [property: Id(1)] long Bytes = 0,
    [property: Id(2)] QuotaLimit Limit = QuotaLimit.Storage,
    [property: Id(3)] long LimitBytes = 0,
    [property: Id(4)] int LeaseSeconds = 0,
    [property: Id(5)] DateTimeOffset ResetsAt = default);

public enum UploadStatus
{
    Granted,

    /// <summary>The user has as many uploads under way as are allowed.</summary>
    AlreadyUploading,

    /// <summary>It does not fit; <see cref="UploadGrant.Limit"/> says into what.</summary>
    LimitExceeded,
    UnknownAccount,

    /// <summary>Others changed the state again and again; nothing was reserved. Try again soon.</summary>
    Busy,
}

public enum QuotaLimit
{
    Storage,
    DailyUpload,
    Videos,
}

public enum RestoreStatus
{
    Restored,

    /// <summary>It plays: it was not deleted, or it was restored before.</summary>
    NotDeleted,

    /// <summary>The user has no such video, or it is gone for good.</summary>
    NotFound,
    StorageExceeded,

    /// <summary>Others changed the state again and again; nothing was changed. Try again soon.</summary>
    Busy,

    /// <summary>The user has as many videos as are allowed.</summary>
    TooManyVideos,
}

/// <param name="LimitBytes">Null: without limit.</param>
[GenerateSerializer, Immutable, Alias("download-allowance")]
public sealed record DownloadAllowance(
    [property: Id(0)] bool IsAllowed,
    [property: Id(1)] long? LimitBytes,
    [property: Id(2)] DateTimeOffset ResetsAt);
