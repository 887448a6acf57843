using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>Deletes videos, and takes that back.</summary>
internal static class VideoDeletionApi
{
    private const string Service = "VideoDeleteService";
    private const string NotAllowed = "Unauthorized or video not found";

    private static readonly AuditedAction Delete = new("DELETE_VIDEO", Service);
    private static readonly AuditedAction DeleteAll = new("DELETE_ALL_VIDEOS", Service);
    private static readonly AuditedAction Restore = new("RESTORE_VIDEO", Service);

    public static void MapVideoDeletion(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/videos").WithTags("Videos").RequireCaller();
        group.MapDelete("/delete/{filename}", DeleteAsync)
            .WithName("DeleteVideo")
            .WithSummary("Delete one's video")
            .WithDescription(
                "It plays no more at once; its file goes after a time of grace, in which it can be restored. Again: 200 again. "
                + "Administrators may delete everybody's. What is somebody else's, or is not there, or is no id: 403.")
            .Produces<Done>();
        group.MapDelete("/delete-all", DeleteAllAsync)
            .WithName("DeleteAllVideos")
            .WithSummary("Delete all of one's videos")
            .WithDescription("Each as if it were deleted alone. Repeat it when it fails.")
            .Produces<Done>();
        group.MapPost("/restore/{filename}", RestoreAsync)
            .WithName("RestoreVideo")
            .WithSummary("Restore a deleted video")
            .WithDescription(
                "Possible until its `removed_at`, and when it fits into its owner's storage: 400 when it does not. One that plays is left as it is: 200. "
                + "Administrators may restore everybody's.")
            .Produces<Done>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> DeleteAsync(HttpContext context, IGrainFactory grains, IAuditLog log, string filename)
    {
        if (!RequestValues.IsId(filename, out var id) || !await grains.GetGrain<IVideoGrain>(id).DeleteAsync(OwnerOf(context)))
            return Delete.Failed(log, context, new Problem(StatusCodes.Status403Forbidden, NotAllowed));

        Delete.Done(log, context, $"User deleted video {id}");
        return TypedResults.Json(new Done("Video deleted successfully (soft delete)"), FrontJson.Contract.Done);
    }

    private static async Task<JsonHttpResult<Done>> DeleteAllAsync(HttpContext context, IGrainFactory grains, IAuditLog log)
    {
        await grains.GetGrain<IVideosGrain>(0).DeleteAllAsync(context.GetUser()!.UserId);
        DeleteAll.Done(log, context, "User deleted all their videos");
        return TypedResults.Json(new Done("All videos deleted successfully (soft delete)"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> RestoreAsync(HttpContext context, IGrainFactory grains, IAuditLog log, string filename)
    {
        if (RequestValues.Id("filename", filename, out var id) is { } problem)
            return Restore.Failed(log, context, problem);

        switch (await grains.GetGrain<IVideoGrain>(id).RestoreAsync(OwnerOf(context)))
        {
            case RestoreStatus.Restored or RestoreStatus.NotDeleted:
                Restore.Done(log, context, $"User restored video {id}");
                return TypedResults.Json(new Done("Video restored successfully"), FrontJson.Contract.Done);
            case RestoreStatus.StorageExceeded:
                return Restore.Failed(log, context, await OverLimitAsync(grains, id, limits => QuotaProblems.StorageExceeded(limits.StorageBytes)));
            case RestoreStatus.TooManyVideos:
                return Restore.Failed(log, context, await OverLimitAsync(grains, id, limits => QuotaProblems.TooManyVideos(limits.Videos)));
            case RestoreStatus.Busy:
                return Restore.Failed(log, context, QuotaProblems.Busy());
            default:
                return Restore.Failed(log, context, Problem.NotFound("Video not found"));
        }
    }

    /// <summary>Names the limit of the owner, which the caller need not be.</summary>
    private static async Task<Problem> OverLimitAsync(IGrainFactory grains, Guid videoId, Func<QuotaLimits, Problem> refuse) =>
        await grains.GetGrain<IVideoGrain>(videoId).GetAsync() is { } video
        && await grains.GetGrain<IQuotaGrain>(video.UserId).GetUsageAsync() is { } usage
            ? refuse(usage.Limits)
            : Problem.NotFound("Video not found");

    /// <summary>Whose a video must be; null: anybody's.</summary>
    private static Guid? OwnerOf(HttpContext context) => context.GetUser() is { IsAdministrator: false } user ? user.UserId : null;
}
