using System.Globalization;
using Streaming.Media;
using Streaming.Videos;
using Streaming.WebFront.Users;

namespace Streaming.WebFront.Videos;

/// <summary>What people are told whose upload is not taken, in the words of the replaced system where it had some.</summary>
internal static class UploadRefusals
{
    private const int TryAgainSeconds = 5;

    public static Problem NoForm { get; } =
        new(StatusCodes.Status415UnsupportedMediaType, "Send the video as multipart/form-data, as the file field video, with a field title.", "Content-Type");

    public static Problem NoBoundary { get; } = Problem.BadRequest("Content-Type", $"Content-Type must name a boundary of 1 to {MultipartBody.MaxBoundary} characters.");

    public static Problem NoVideo { get; } = Problem.BadRequest("video", "No video file provided");

    public static Problem TwoVideos { get; } = Problem.BadRequest("video", "Send one video at a time.");

    public static Problem NotAVideo { get; } = Problem.BadRequest(
        "video", "This is not a video, or of none of these formats: MP4, QuickTime, WebM, Matroska, AVI, MPEG, Flash Video, Ogg, Windows Media.");

    public static Problem NoTitle { get; } = Problem.BadRequest("title", "Video title is required");

    public static Problem BadTitle { get; } = Problem.BadRequest("title", $"title must be one text of 1 to {Video.MaxTitle} characters that can be seen, on one line, without control characters.");

    public static Problem Incomplete { get; } = new(StatusCodes.Status400BadRequest, "The upload ended before it was complete.");

    public static Problem TooSlow { get; } = new(StatusCodes.Status408RequestTimeout, "The upload came too slowly, or took too long as a whole.");

    public static Problem TooMany { get; } = new(StatusCodes.Status503ServiceUnavailable, "Too many uploads are under way at the moment; try again soon.") { RetryAfter = TryAgainSeconds };

    public static Problem Busy { get; } = Problem.Unavailable("The service is busy or restarting, and the video was not stored; try again soon.");

    public static Problem ReservationLost { get; } = Problem.Unavailable("The upload's reservation was lost, and the video was not stored; try again.");

    public static Problem Unknown { get; } = new(StatusCodes.Status504GatewayTimeout, "The service did not answer in time; whether the video was stored is unknown. Look at the list of your videos.");

    /// <param name="part">A part that is not used; null for one without a name.</param>
    public static Problem TooMuchUnused(string? part)
    {
        var name = part is null ? "A part without a name" : $"The part \"{RequestValues.Shorten(part, 40)}\"";
        return Problem.BadRequest("body", string.Create(
            CultureInfo.InvariantCulture,
            $"{name} is not used, and too large: beside the file field video and the text field title a form may have {UploadOptions.MaxFormBytes / 1024} kB, all together."));
    }

    public static Problem BadForm(InvalidDataException e) => Problem.BadRequest("body", $"The body is not a form that can be read. {e.Message}");

    public static Problem TooLarge(UploadOptions options) => new(
        StatusCodes.Status413PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"A video has at most {options.MaxMegabytes} MB."));

    /// <summary>Why nothing was reserved; null when it was.</summary>
    public static Problem? Of(UploadGrant grant, DateTimeOffset now) => grant.Status switch
    {
        UploadStatus.Granted => null,
        UploadStatus.LimitExceeded => LimitExceeded(grant, now),
        UploadStatus.AlreadyUploading => new Problem(StatusCodes.Status400BadRequest, "Already uploading. Please wait for a moment before trying again.")
        {
            RetryAfter = TryAgainSeconds,
            Limit = "parallel_uploads",
        },
        UploadStatus.Busy => QuotaProblems.Busy(),
        UploadStatus.UnknownAccount => AccountResponses.NotFound(),
        _ => throw new ArgumentOutOfRangeException(nameof(grant)),
    };

    /// <summary>The file has more bytes than were reserved, or could be.</summary>
    public static Problem LimitExceeded(UploadGrant grant, DateTimeOffset now) => grant.Limit switch
    {
        QuotaLimit.Storage => QuotaProblems.StorageExceeded(grant.LimitBytes),
        QuotaLimit.Videos => QuotaProblems.TooManyVideos(grant.LimitBytes),
        _ => QuotaProblems.DailyUploadExceeded(grant.LimitBytes, grant.ResetsAt - now),
    };

    /// <summary>The store's own words are for the operator.</summary>
    public static Problem Of(MediaFailure failure, MediaStoreKind store) => (failure, store) switch
    {
        (MediaFailure.Full, _) => new Problem(StatusCodes.Status507InsufficientStorage, "There is no room for the video; tell the operator of this service."),
        (MediaFailure.Unknown, _) => Unknown,
        (MediaFailure.Unavailable, MediaStoreKind.Cloudinary) => Problem.Unavailable("Cloudinary upload failed"),
        (MediaFailure.Unavailable, _) => Problem.Unavailable("The media folder cannot be written now; try again soon."),
        (_, MediaStoreKind.Cloudinary) => new Problem(StatusCodes.Status503ServiceUnavailable, "Cloudinary upload failed"),
        _ => new Problem(StatusCodes.Status503ServiceUnavailable, "The media store did not take the video; tell the operator of this service."),
    };
}
