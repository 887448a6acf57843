using Streaming.Viewing;

namespace Streaming.Videos;

/// <summary>What a user has and may have, by user id.</summary>
public interface IQuotaStore
{
    /// <summary>Sums over the user's rows, and the limits set for the user; null when there is no such account. May not lag.</summary>
    /// <param name="day">The UTC day of the bandwidth.</param>
    /// <param name="uploads">Ids of which to tell which ones have become rows that count.</param>
    Task<StoredUsage?> GetUsageAsync(Guid userId, DateOnly day, IReadOnlyCollection<Guid> uploads, CancellationToken cancellationToken);

    /// <summary>False when there is no such account.</summary>
    Task<bool> SetOverridesAsync(Guid userId, QuotaOverrides limits, CancellationToken cancellationToken);

    /// <summary>What was sent to the user, a row a day, earliest first, those after <paramref name="after"/>. May not lag.</summary>
    Task<StorePage<DownloadedBytes>> ListDownloadsAsync(Guid userId, PageCursor? after, int limit, CancellationToken cancellationToken);
}

/// <param name="StoredBytes">Of stored videos.</param>
/// <param name="UploadedBytes">Of videos stored on that day, whatever they are now: stored, deleted or removing.</param>
/// <param name="DownloadedBytes">Of that day.</param>
/// <param name="StoredCharge">As <paramref name="StoredBytes"/>, each video with <see cref="QuotaLimits.MinCharge"/> at least.</param>
/// <param name="UploadedCharge">As <paramref name="UploadedBytes"/>, likewise.</param>
/// <param name="StoredVideos">How many are stored.</param>
/// <param name="Settled">Those of the ids asked for that are stored, deleted, or were that before they were removing.</param>
public sealed record StoredUsage(
    QuotaOverrides Overrides, long StoredBytes, long UploadedBytes, long DownloadedBytes, long StoredCharge, long UploadedCharge, int StoredVideos,
    IReadOnlySet<Guid> Settled);
