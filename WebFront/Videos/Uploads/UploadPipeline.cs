using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Streaming.Media;
using Streaming.Videos;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Takes uploads: reserves what they may have before a byte is read, has them written to this machine's disk as they come,
/// puts them into the media store, and only then makes videos of them.
/// </summary>
internal sealed partial class UploadPipeline
{
    private readonly IGrainFactory grains;
    private readonly UploadSpool spool;
    private readonly IMediaStore media;
    private readonly MediaStoreKind store;
    private readonly MediaInspection inspection;
    private readonly UploadOptions options;
    private readonly MinDataRate rate;
    private readonly TimeProvider time;
    private readonly ThrottledWarning callFailures;
    private readonly ThrottledWarning mediaFailures;
    private int underWay;

    public UploadPipeline(
        IGrainFactory grains, UploadSpool spool, IMediaStore media, IOptions<MediaOptions> mediaOptions, IOptions<UploadOptions> options,
        MediaInspection inspection, TimeProvider time, ILogger<UploadPipeline> logger)
    {
        (this.grains, this.spool, this.media, this.inspection, this.time) = (grains, spool, media, inspection, time);
        store = mediaOptions.Value.Store;
        this.options = options.Value;
        rate = new MinDataRate(this.options.MinBytesPerSecond, TimeSpan.FromSeconds(this.options.GraceSeconds));
        callFailures = new ThrottledWarning(time, (count, latest) => LogCalls(logger, count, latest));
        mediaFailures = new ThrottledWarning(time, (count, latest) => LogMedia(logger, count, latest));
    }

    /// <summary>Completes when the video is stored, or is not, and nothing of it is left or will stay.</summary>
    public async Task<UploadResult> TakeAsync(HttpContext context, Guid userId)
    {
        try
        {
            return Interlocked.Increment(ref underWay) > options.AtOnce ? UploadRefusals.TooMany : await ReserveAsync(context, userId);
        }
        catch (MediaStoreException e)
        {
            mediaFailures.Report(e);
            return UploadRefusals.Of(e.Failure, store);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
        }
    }

    private async Task<UploadResult> ReserveAsync(HttpContext context, Guid userId)
    {
        var length = context.Request.ContentLength;
        if (MultipartBody.BoundaryOf(context.Request) is not { } boundary)
            return UploadRefusals.NoForm;

        if (!MultipartBody.IsBoundary(boundary))
            return UploadRefusals.NoBoundary;

        if (length == 0)
            return UploadRefusals.NoVideo;

        // What the form around it cannot be, the file is.
        var atLeast = Math.Max(0, (length ?? 0) - UploadOptions.MaxFormBytes);
        if (atLeast > options.MaxFileBytes)
            return UploadRefusals.TooLarge(options);

        spool.CheckRoom(atLeast);
        var now = time.GetUtcNow();
        var videoId = Guid.CreateVersion7(now);
        var quota = grains.GetGrain<IQuotaGrain>(userId);
        var askedAt = time.GetTimestamp();
        UploadGrant grant;
        try
        {
            grant = await quota.ReserveAsync(videoId, atLeast, Math.Min(length ?? long.MaxValue, options.MaxFileBytes));
        }
        catch (Exception e)
        {
            callFailures.Report(e);
            await UploadReservation.ReleaseAsync(quota, videoId, mayHaveMedia: false, time, callFailures.Report);
            return UploadRefusals.Busy;
        }

        if (UploadRefusals.Of(grant, now) is { } refusal)
            return refusal;

        // A form without a length is counted as it is read.
        RequestBodyDrain.LeaveRoom(context, grant.Bytes + UploadOptions.MaxFormBytes);

        await using var reservation = new UploadReservation(quota, videoId, TimeSpan.FromSeconds(grant.LeaseSeconds), askedAt, time, callFailures.Report);
        var tooLarge = grant.Bytes >= options.MaxFileBytes ? UploadRefusals.TooLarge(options) : UploadRefusals.LimitExceeded(grant, now);
        using var body = new MultipartBody(context.Request.BodyReader, boundary, grant.Bytes + UploadOptions.MaxFormBytes);
        return await ReceiveAsync(context, new UploadForm(body, grant.Bytes, tooLarge), videoId, userId, reservation);
    }

    private async Task<UploadResult> ReceiveAsync(HttpContext context, UploadForm form, Guid videoId, Guid userId, UploadReservation reservation)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } slowest)
            slowest.MinDataRate = rate;

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(options.MaxMinutes), time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, reservation.Lost, patience.Token);
        try
        {
            await using var file = spool.Create(videoId);
            if (await form.ReadAsync(file, ending.Token) is { } problem)
                return problem;

            await file.CompleteAsync(ending.Token);
            reservation.MayHaveMedia = true;
            await media.PutAsync(videoId, MediaKind.Video, file.ToFile(form.Format.ContentType()), ending.Token);
            ending.Token.ThrowIfCancellationRequested();
            return await SettleAsync(new NewVideo(videoId, userId, form.Fields.Title, form.Format, file.Bytes), form.Fields.Video, reservation);
        }
        catch (InvalidDataException e)
        {
            return UploadRefusals.BadForm(e);
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => UploadRefusals.TooSlow,
                StatusCodes.Status413PayloadTooLarge => UploadRefusals.TooLarge(options),
                _ => UploadRefusals.Incomplete,
            };
        }
        catch (Exception e) when (e is ConnectionResetException || (e is IOException && context.RequestAborted.IsCancellationRequested))
        {
            return UploadRefusals.Incomplete;
        }
        // Any other is a time-out of the store, and no fault of the client.
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return reservation.Lost.IsCancellationRequested ? UploadRefusals.ReservationLost
                : patience.IsCancellationRequested ? UploadRefusals.TooSlow
                : UploadRefusals.Incomplete;
        }
    }

    private async Task<UploadResult> SettleAsync(NewVideo video, string fileName, UploadReservation reservation)
    {
        try
        {
            if (await reservation.SettleAsync(video) is { } stored)
            {
                inspection.Wake();
                return new UploadResult(null, stored, fileName);
            }
        }
        catch (Exception e)
        {
            callFailures.Report(e);
            return UploadRefusals.Unknown;
        }

        // Nothing refers to these media any more.
        await media.DeleteAsync(video.VideoId, CancellationToken.None);
        return UploadRefusals.ReservationLost;
    }

    [LoggerMessage(LogLevel.Warning, "Calls for uploads failed {Count} times; this is the latest.")]
    private static partial void LogCalls(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The media store failed {Count} uploads; this is the latest.")]
    private static partial void LogMedia(ILogger logger, int count, Exception exception);
}

/// <param name="Refusal">Null when the video is stored.</param>
/// <param name="FileName">What the client calls the file.</param>
internal sealed record UploadResult(Problem? Refusal, Video? Video, string FileName)
{
    public static implicit operator UploadResult(Problem refusal) => new(refusal, null, "");
}
