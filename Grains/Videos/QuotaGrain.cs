using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Viewing;

namespace Streaming.Videos;

/// <summary>
/// What keeps the limits, though two activations may live for a moment: as long as the state stands unchanged, each upload
/// is reserved in it, or its row counts, or its row can never count any more. So a sum of both, made after the state was
/// read, holds if the state can then be written under its ETag. Hence a row begins before it is reserved, and a row that
/// does not count is ended before its reservation is.
/// </summary>
internal sealed partial class QuotaGrain(
    [PersistentState("quota")] IPersistentState<QuotaState> state,
    IQuotaStore quotas,
    IVideoStore videos,
    ActivityLedger ledger,
    IOptions<QuotaOptions> options,
    QuotaMetrics metrics,
    TimeProvider time,
    ILogger<QuotaGrain> logger) : Grain, IQuotaGrain
{
    // A restore is one statement, which cannot come to anything so late.
    private static readonly TimeSpan RestoreLease = TimeSpan.FromMinutes(1);

    private readonly QuotaReservations reservations = new(state);
    private DailyDownloads downloads = null!;
    private bool isEnding;

    private Guid UserId => this.GetPrimaryKey();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        downloads = new DailyDownloads(day => quotas.GetUsageAsync(UserId, day, [], CancellationToken.None), time);
        return Task.CompletedTask;
    }

    public async Task<UploadGrant> ReserveAsync(Guid videoId, long atLeast, long? atMost)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(atLeast);
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost ?? atLeast, atLeast);
        var grant = await TryReserveAsync(videoId, atLeast, atMost);
        metrics.Reserved(grant);
        return grant;
    }

    public async Task<bool> RenewAsync(Guid videoId)
    {
        var dueAt = time.GetUtcNow().AddSeconds(options.Value.LeaseSeconds);
        return await videos.RenewAsync(videoId, dueAt, CancellationToken.None) && await reservations.TryRenewAsync(videoId, dueAt);
    }

    public async Task<Video?> SettleAsync(NewVideo video)
    {
        if (video.UserId != UserId)
            throw new ArgumentException("It is another user's.", nameof(video));

        var stored = await videos.PublishAsync(video, time.GetUtcNow(), CancellationToken.None);
        await DropOrWarnAsync(video.VideoId);
        return stored;
    }

    public async Task ReleaseAsync(Guid videoId, bool mayHaveMedia)
    {
        await videos.AbandonAsync(videoId, mayHaveMedia, time.GetUtcNow(), CancellationToken.None);
        await reservations.DropAsync(videoId);
    }

    public async Task<RestoreStatus> RestoreAsync(Guid videoId)
    {
        var now = time.GetUtcNow();
        for (var attempt = 0; attempt < QuotaReservations.MaxAttempts; attempt++)
        {
            if (await CountForMoreAsync(now) is not { } count || await FindOwnAsync(videoId) is not { } video)
                return RestoreStatus.NotFound;

            if (video.DeletedAt is null)
                return RestoreStatus.NotDeleted;

            // An earlier restore of it may have ended half-way.
            count = count.Without(videoId);
            if (QuotaLimits.Charge(video.Bytes) > count.StorageLeft)
                return RestoreStatus.StorageExceeded;

            if (count.VideosLeft <= 0)
                return RestoreStatus.TooManyVideos;

            if (await reservations.TryWriteAsync([.. count.Reservations, new Reservation(videoId, video.Bytes, now + RestoreLease, IsRestore: true)]))
                return await RestoreReservedAsync(videoId, now);
        }

        return RestoreStatus.Busy;
    }

    public async Task<QuotaUsage?> GetUsageAsync(CancellationToken cancellationToken)
    {
        if (await CountAsync(await reservations.ReadAsync(), time.GetUtcNow(), cancellationToken) is not { } count)
            return null;

        var stored = count.Stored;
        return new QuotaUsage(
            count.Limits, stored.Overrides, stored.StoredBytes, stored.UploadedBytes, stored.DownloadedBytes,
            count.UploadingBytes, count.Uploads, count.ResetsAt, stored.StoredCharge, stored.UploadedCharge, stored.StoredVideos);
    }

    public async Task<bool> SetOverridesAsync(QuotaOverrides limits)
    {
        var isSet = await quotas.SetOverridesAsync(UserId, limits, CancellationToken.None);
        downloads.Forget();
        return isSet;
    }

    public async Task<DownloadAllowance> MayDownloadAsync()
    {
        var day = DayOf(time.GetUtcNow());
        var known = await downloads.GetAsync(day);
        if (known.Overrides is not { } overrides)
        {
            EndUnknown();
            metrics.RefusedDownload();
            return new DownloadAllowance(false, 0, EndOf(day));
        }

        var limit = QuotaCount.LimitsOf(overrides, options.Value).DailyDownloadBytes;
        var isAllowed = limit is null || known.Bytes < limit;
        if (!isAllowed)
            metrics.RefusedDownload();

        return new DownloadAllowance(isAllowed, limit, EndOf(day));
    }

    public async Task<Outcome> CountDownloadAsync(DateOnly day, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        return await downloads.CountAsync(new DownloadedBytes(UserId, day, bytes), ledger.WriteAsync);
    }

    public async Task ForgetAsync()
    {
        await reservations.ClearAsync();
        downloads.Forget();
        EndUnknown();
    }

    private async Task<UploadGrant> TryReserveAsync(Guid videoId, long atLeast, long? atMost)
    {
        var now = time.GetUtcNow();
        var dueAt = now.AddSeconds(options.Value.LeaseSeconds);
        var grant = new UploadGrant(UploadStatus.Busy);
        var hasRow = false;
        for (var attempt = 0; attempt < QuotaReservations.MaxAttempts; attempt++)
        {
            var count = await CountForMoreAsync(now);
            grant = count?.Decide(atLeast, atMost, options.Value) ?? new UploadGrant(UploadStatus.UnknownAccount);
            if (count is null || grant.Status != UploadStatus.Granted)
                break;

            hasRow = hasRow || await videos.BeginAsync(videoId, UserId, dueAt, CancellationToken.None);
            if (!hasRow)
                return new UploadGrant(UploadStatus.UnknownAccount);

            if (await reservations.TryWriteAsync([.. count.Reservations, new Reservation(videoId, grant.Bytes, dueAt)]))
                return grant;

            grant = new UploadGrant(UploadStatus.Busy);
        }

        if (hasRow)
            await videos.AbandonAsync(videoId, mayHaveMedia: false, now, CancellationToken.None);

        return grant;
    }

    /// <summary>What holds for the user where room may be given away: uploads whose lease is over are ended first, so that they can never count.</summary>
    private async Task<QuotaCount?> CountForMoreAsync(DateTimeOffset now)
    {
        var all = await reservations.ReadAsync();
        foreach (var dead in all.Where(reservation => reservation.ExpiresAt <= now && !reservation.IsRestore))
            await videos.AbandonAsync(dead.VideoId, mayHaveMedia: true, now, CancellationToken.None);

        return await CountAsync(all, now, CancellationToken.None);
    }

    /// <summary>Null when there is no such account.</summary>
    private async Task<QuotaCount?> CountAsync(IReadOnlyList<Reservation> all, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var day = DayOf(now);
        var live = all.Where(reservation => reservation.ExpiresAt > now).ToList();
        var uploads = live.Where(reservation => !reservation.IsRestore).Select(reservation => reservation.VideoId).ToList();
        if (await quotas.GetUsageAsync(UserId, day, uploads, cancellationToken) is not { } stored)
        {
            EndUnknown();
            return null;
        }

        live.RemoveAll(reservation => !reservation.IsRestore && stored.Settled.Contains(reservation.VideoId));
        return new QuotaCount(QuotaCount.LimitsOf(stored.Overrides, options.Value), stored, live, EndOf(day));
    }

    private async Task<Video?> FindOwnAsync(Guid videoId) =>
        await videos.FindAsync(videoId, CancellationToken.None) is { } video && video.UserId == UserId ? video : null;

    private async Task<RestoreStatus> RestoreReservedAsync(Guid videoId, DateTimeOffset now)
    {
        var isRestored = await videos.RestoreAsync(videoId, now, CancellationToken.None);
        await DropOrWarnAsync(videoId);
        if (isRestored)
            return RestoreStatus.Restored;

        // Another call restored it, or its media go.
        return await FindOwnAsync(videoId) is { DeletedAt: null } ? RestoreStatus.NotDeleted : RestoreStatus.NotFound;
    }

    /// <summary>The row is what counts: a reservation that stays for its lease takes room from its user alone.</summary>
    private async Task DropOrWarnAsync(Guid videoId)
    {
        try
        {
            await reservations.DropAsync(videoId);
        }
        catch (Exception e)
        {
            LogNotDropped(logger, e);
        }
    }

    private void EndUnknown()
    {
        if (!isEnding)
            this.DeactivateSoon(DeactivateOnIdle);

        isEnding = true;
    }

    private static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(moment.UtcDateTime);

    private static DateTimeOffset EndOf(DateOnly day) => new(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);

    [LoggerMessage(LogLevel.Warning, "What was reserved for a video that is stored could not be given back; it is, when its lease is over.")]
    private static partial void LogNotDropped(ILogger logger, Exception exception);
}
