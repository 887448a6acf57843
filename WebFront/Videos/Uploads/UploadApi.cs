using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Users;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Videos;

internal static class UploadApi
{
    private static readonly AuditedAction Action = new("UPLOAD_VIDEO", "VideoUploadService");

    public static void AddUploads(this IServiceCollection services)
    {
        services.AddSettings<UploadOptions>(UploadOptions.Section);
        services.AddSingleton<UploadPipeline>();
    }

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<UploadOptions>>().Value;
        routes.MapPost("/api/videos/upload", UploadAsync)
            .WithTags("Videos")
            .WithName("UploadVideo")
            .WithSummary("Upload a video")
            .WithDescription(
                "A form with a file field video and a text field title. Token and quota are checked before the file is read, so a client that sends "
                + "Expect: 100-continue learns of a refusal first. Answers when the video is stored. What it is is told by its first bytes. "
                + "Limits are of megabytes of 1,048,576 bytes; exactly as many as a limit has are fine.")
            .TakesUpTo((int)options.MaxFileBytes + UploadOptions.MaxFormBytes)
            .WithRateLimit(RateLimit.Writes)
            .Accepts<UploadBody>("multipart/form-data")
            .Produces<VideoUploaded>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status408RequestTimeout)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout)
            .ProducesProblem(StatusCodes.Status507InsufficientStorage)
            .RequireCaller();
    }

    private static async Task<Results<JsonHttpResult<VideoUploaded>, Problem>> UploadAsync(
        HttpContext context, UploadPipeline pipeline, MediaUrls urls, IAuditLog log)
    {
        var caller = context.GetUser()!;
        var result = await pipeline.TakeAsync(context, caller.UserId);
        if (result.Refusal is { } refusal)
            return Action.Failed(log, context, refusal);

        Action.Done(log, context, "User uploaded a new video");
        var file = UploadedFile.Of(result.Video!, result.FileName, urls.Of(result.Video!.VideoId, caller.UserId));
        return TypedResults.Json(new VideoUploaded("File uploaded successfully", file), FrontJson.Contract.VideoUploaded);
    }
}

internal sealed record UploadBody
{
    public const string VideoField = "video";
    public const string TitleField = "title";

    /// <summary>The file. Its content goes to disk; this is what the client calls it, which never becomes part of a path.</summary>
    [JsonPropertyName(VideoField)]
    public required string Video { get; init; }

    /// <summary>1 to 255 characters.</summary>
    [JsonPropertyName(TitleField), StringLength(Streaming.Videos.Video.MaxTitle, MinimumLength = 1)]
    public required string Title { get; init; }

    public static Problem? CheckTitle(string title) =>
        title.Length == 0 ? UploadRefusals.NoTitle
        : title.Length > Streaming.Videos.Video.MaxTitle || !DisplayName.IsReadable(title) ? UploadRefusals.BadTitle
        : null;
}

internal sealed record VideoUploaded(string Message, UploadedFile File);

/// <summary>As Cloudinary, which the replaced system passed on, describes an upload.</summary>
/// <param name="AssetId">The video's id without hyphens.</param>
/// <param name="PublicId"><c>videos/</c> and the video's id, which is its filename everywhere else.</param>
/// <param name="Version">Seconds since 1970 of the upload.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="SecureUrl">Plays the video for some time, without a token.</param>
/// <param name="OriginalFilename">As the client called the file, without its extension.</param>
internal sealed record UploadedFile(
    string AssetId, string PublicId, long Version, string Format, string ResourceType, DateTimeOffset CreatedAt, long Bytes, string Type,
    string Url, string SecureUrl, string OriginalFilename)
{
    private const int MaxName = 255;

    public static UploadedFile Of(Video video, string fileName, string url) => new(
        video.VideoId.ToString("N"), $"videos/{video.VideoId:D}", video.UploadedAt.ToUnixTimeSeconds(), video.Format.Name(), "video",
        video.UploadedAt, video.Bytes, "upload", url, url, NameOf(fileName));

    /// <summary>Some clients send the whole path on their disk. Of a longer name it is the beginning.</summary>
    private static string NameOf(string fileName)
    {
        var name = Path.GetFileNameWithoutExtension(fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..]);
        var shown = new StringBuilder();
        var count = 0;
        // By code points: half of one is no text.
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsControl(rune))
                continue;

            if (++count > MaxName)
                break;

            shown.Append(rune);
        }

        return shown.Length == 0 ? "file" : shown.ToString();
    }
}
