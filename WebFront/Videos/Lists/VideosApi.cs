using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Videos;

/// <summary>Lists of videos.</summary>
internal static class VideosApi
{
    private const int PerPage = 16;
    private const int MaxPerPage = 200;
    private const string Service = "VideoFetchService";
    private const string Paging =
        "Without cursor and limit: 16 videos after the first start ones, with the total; past the end none. With either: up to limit videos without "
        + "the total, and the next page, where there is one, is named by the Link header (rel=\"next\"), which holds while videos are added.";

    private static readonly AuditedAction FetchAll = new("FETCH_VIDEOS", Service);
    private static readonly AuditedAction FetchOfUser = new("FETCH_USER_VIDEOS", Service);
    private static readonly AuditedAction FetchDeleted = new("FETCH_DELETED_VIDEOS", Service);

    public static void MapVideos(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/videos").WithTags("Videos");
        group.MapGet("/stream", ListAllAsync)
            .WithName("ListVideos")
            .WithSummary("Everybody's videos, newest first")
            .WithDescription(Paging)
            .Produces<VideoList>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireCaller();
        group.MapGet("/user/{uid}", ListOfUserAsync)
            .WithName("ListVideosOfUser")
            .WithSummary("One user's videos, newest first")
            .WithDescription(Paging)
            .Produces<VideoList>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireOwner("uid", refusal: "Unauthorized to fetch this user's videos", audited: FetchOfUser);
        group.MapGet("/deleted", ListDeletedAsync)
            .WithName("ListDeletedVideos")
            .WithSummary("One's deleted videos that can be restored, last deleted first")
            .WithDescription("The next page, where there is one, is named by the Link header (rel=\"next\").")
            .Produces<DeletedVideoList>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireCaller();
    }

    private static Task<Results<JsonHttpResult<VideoList>, Problem>> ListAllAsync(
        HttpContext context, IGrainFactory grains, MediaUrls urls, IAuditLog log, [AsParameters] PageQuery page) =>
        ListAsync(context, grains, urls, log, page, userId: null, FetchAll, "User fetched videos with pagination");

    private static async Task<Results<JsonHttpResult<VideoList>, Problem>> ListOfUserAsync(
        HttpContext context, IGrainFactory grains, MediaUrls urls, IAuditLog log, string uid, [AsParameters] PageQuery page) =>
        RequestValues.Id("uid", uid, out var id) is { } problem
            ? FetchOfUser.Failed(log, context, problem)
            : await ListAsync(context, grains, urls, log, page, id, FetchOfUser, $"User fetched videos for user_id {id} with pagination");

    private static async Task<Results<JsonHttpResult<VideoList>, Problem>> ListAsync(
        HttpContext context, IGrainFactory grains, MediaUrls urls, IAuditLog log, PageQuery pages, Guid? userId, AuditedAction action, string description)
    {
        var videos = grains.GetGrain<IVideosGrain>(0);
        if (pages.IsByNumber)
        {
            if (pages.ReadStart(out var start) is { } badStart)
                return action.Failed(log, context, badStart);

            var counted = await videos.ListFromAsync(userId, start, PerPage, context.RequestAborted);
            action.Done(log, context, description, userId);
            return Answer(context, urls, counted.Videos, counted.Total);
        }

        if (pages.ReadPage(PerPage, MaxPerPage, out var before, out var limit) is { } badPage)
            return action.Failed(log, context, badPage);

        var page = await videos.ListAsync(userId, before, limit, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        action.Done(log, context, description, userId);
        return Answer(context, urls, page.Videos, total: null);
    }

    private static JsonHttpResult<VideoList> Answer(HttpContext context, MediaUrls urls, ImmutableArray<Video> videos, long? total)
    {
        var caller = context.GetUser()!.UserId;
        return TypedResults.Json(
            new VideoList([.. videos.Select(video => VideoRow.Of(video, urls.Of(video.VideoId, caller)))], total), FrontJson.Contract.VideoList);
    }

    private static async Task<Results<JsonHttpResult<DeletedVideoList>, Problem>> ListDeletedAsync(
        HttpContext context, IGrainFactory grains, IAuditLog log, string? limit = null, string? cursor = null)
    {
        var badLimit = RequestValues.Limit(limit, PerPage, MaxPerPage, out var count);
        var badCursor = RequestValues.Cursor(cursor, out var before);
        if ((badLimit ?? badCursor) is { } problem)
            return FetchDeleted.Failed(log, context, problem);

        var page = await grains.GetGrain<IVideosGrain>(0).ListDeletedAsync(context.GetUser()!.UserId, before, count, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        FetchDeleted.Done(log, context, "User fetched deleted videos");
        return TypedResults.Json(new DeletedVideoList([.. page.Videos.Select(DeletedVideoRow.Of)]), FrontJson.Contract.DeletedVideoList);
    }
}
