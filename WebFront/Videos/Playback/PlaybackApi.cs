using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

internal static class PlaybackApi
{
    private const string Extension = ".mp4";
    private static readonly string[] Methods = ["GET", "HEAD"];
    private static readonly AuditedAction StreamVideo = new("STREAM_VIDEO", "VideoStreamService");

    public static void MapPlayback(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/videos/stream/{filename}", GetUrlAsync)
            .WithTags("Videos")
            .WithName("StreamVideo")
            .WithSummary("A URL that plays a video")
            .WithDescription(
                "The URL needs no token and is good for some hours, for who asked: what is sent counts as that account's bandwidth. It ends in `.mp4`; with `.jpg` in "
                + "its place it is an image of the video. Both take ranges. A deleted video stops at once (404); 403: ask for another URL; 429: the day's bandwidth is used up.")
            .Produces<PlayableVideo>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .RequireCaller();

        // Taken once: a service parameter would cost each request a scope.
        var delivery = routes.ServiceProvider.GetRequiredService<MediaDelivery>();
        routes.MapMethods(MediaUrls.Path + "/{signature}/{file}", Methods, (HttpContext context, string signature, string file) => delivery.AnswerAsync(context, signature, file))
            .IsPublic()
            .ExcludeFromDescription();
    }

    private static async Task<Results<JsonHttpResult<PlayableVideo>, Problem>> GetUrlAsync(
        HttpContext context, string filename, GrainReferences<IVideoGrain> videos, MediaUrls urls, IAuditLog log)
    {
        var name = filename.EndsWith(Extension, StringComparison.OrdinalIgnoreCase) ? filename[..^Extension.Length] : filename;
        if (!RequestValues.IsId(name, out var videoId) || await videos.Get(videoId).GetAsync(context.RequestAborted) is not { DeletedAt: null })
            return StreamVideo.Failed(log, context, MediaDelivery.VideoNotFound());

        StreamVideo.Done(log, context, $"User streamed video {videoId}");
        return TypedResults.Json(new PlayableVideo(urls.Of(videoId, context.GetUser()!.UserId)), FrontJson.Contract.PlayableVideo);
    }
}

/// <param name="Url">Good for some hours.</param>
internal sealed record PlayableVideo(string Url);
