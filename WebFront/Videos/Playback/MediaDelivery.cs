using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Streaming.Videos;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Answers for a signed path: whether the video still plays, its subject is let in and may have more today are asked every time. Its
/// bytes are read and sent at the pace of the client, in pieces, and charged to the subject.
/// </summary>
internal sealed class MediaDelivery(
    MediaUrls urls, RevocationCache revocations, GrainReferences<IVideoGrain> videos, GrainReferences<IQuotaGrain> quotas, IMediaStore store, DownloadMeter meter, TimeProvider time)
{
    // Opened in a tab of its own, whatever is in the file runs nothing. Without an origin browsers do not play it there.
    private const string Policy = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin";

    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);
    private static readonly Problem Refused = new(StatusCodes.Status403Forbidden, "This URL is not good, or no longer; ask for another one.");

    private static readonly Problem Unknown = Problem.Unavailable("Whether this URL is still good cannot be told now; try again soon.");

    public async Task<IResult> AnswerAsync(HttpContext context, string signature, string file)
    {
        // What is traced is kept and shown to others, and whoever has the path has the video.
        if (Activity.Current is { IsAllDataRequested: true } activity)
            activity.SetTag("url.path", MediaUrls.Path);

        RequestedBytes.Tidy(context.Request);
        if (!MediaPath.TryRead(file, out var path))
            return VideoNotFound();

        if (!urls.TryRead(signature, path.VideoId, out var signed))
            return Refused;

        if (!revocations.IsFresh)
            return Unknown;

        if (!revocations.IsLetIn(signed.Subject))
            return Refused;

        if (await videos.Get(path.VideoId).GetAsync(context.RequestAborted) is not { DeletedAt: null } video)
            return VideoNotFound();

        var allowance = await quotas.Get(signed.Subject).MayDownloadAsync();
        if (!allowance.IsAllowed)
            return QuotaProblems.DailyDownloadExceeded(allowance, time.GetUtcNow());

        return await OpenAsync(path, context.RequestAborted) switch
        {
            MediaContent.Bytes bytes when path.Kind == MediaKind.Image =>
                Send(context, bytes.Content, "image/jpeg", $"{path.VideoId}.jpg", bytes.LastModified, signed, signed.ExpiresAt - time.GetUtcNow()),
            MediaContent.Bytes bytes =>
                Send(context, bytes.Content, video.Format.ContentType(), $"{path.VideoId}.{video.Format.Name()}", bytes.LastModified, signed, signed.ExpiresAt - time.GetUtcNow()),
            MediaContent.Elsewhere elsewhere => Redirect(context, elsewhere.Url, path.Kind == MediaKind.Video ? video.Bytes : 0, signed.Subject),
            _ when path.Kind == MediaKind.Image =>
                Send(
                    context, Placeholder.Open(), Placeholder.ContentType, $"{path.VideoId}.svg", video.UploadedAt, signed,
                    video.InspectedAt is null ? TimeSpan.Zero : Placeholder.Lifetime),
            _ => VideoNotFound(),
        };
    }

    public static Problem VideoNotFound() => Problem.NotFound("Video not found");

    private async Task<MediaContent?> OpenAsync(MediaPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenAsync(path.VideoId, path.Kind, cancellationToken).WaitAsync(OpenTimeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new MediaStoreException(MediaFailure.Unavailable, $"The media store has opened nothing within {OpenTimeout.TotalSeconds} s. See to its disk.", e);
        }
    }

    private MeteredFile Send(
        HttpContext context, Stream content, string contentType, string name, DateTimeOffset lastModified, MediaSignature signed, TimeSpan lifetime)
    {
        Protect(context.Response);
        context.Response.Headers.ContentDisposition = $"inline; filename=\"{name}\"";
        // Of a video that was not looked at yet another image may come any moment.
        context.Response.Headers.CacheControl = lifetime <= TimeSpan.Zero
            ? "no-store"
            : string.Create(CultureInfo.InvariantCulture, $"private, max-age={(int)lifetime.TotalSeconds}");
        // Files never change under their id and kind; the placeholder has a name of its own.
        var tag = new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{name}-{content.Length:x}\""));
        RequestedBytes.ApplyCondition(context.Request, tag, lastModified);
        return new MeteredFile(TypedResults.Stream(content, contentType, null, lastModified, tag, enableRangeProcessing: true), signed.Subject, meter, revocations);
    }

    /// <summary>What is sent from elsewhere nobody counts here, so what is asked for is charged; images, whose length is not known, are not.</summary>
    private StatusCodeHttpResult Redirect(HttpContext context, Uri url, long length, Guid subject)
    {
        Protect(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Location = url.AbsoluteUri;
        if (HttpMethods.IsGet(context.Request.Method) && RequestedBytes.Of(context.Request.GetTypedHeaders().Range, length) is > 0 and var bytes)
            meter.Count(subject, bytes);

        return TypedResults.StatusCode(StatusCodes.Status302Found);
    }

    private static void Protect(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        // Pages of all origins may show it: who has the URL may.
        response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }
}
