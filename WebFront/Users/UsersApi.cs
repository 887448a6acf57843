using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Users;

internal static class UsersApi
{
    private const int HistoryByDefault = 10;
    private const int MaxHistory = 200;

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/content/users").WithTags("Users");
        group.MapGet("/ids", ListIdsAsync)
            .RequireAdministrator(orOpenAccess: true)
            .WithName("ListUserIds")
            .WithSummary("User ids, ascending")
            .WithDescription("The next page, where there is one, is named by the Link header (rel=\"next\").")
            .Produces<Guid[]>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/{userId}/watch-history", GetHistoryAsync)
            .RequireOwner("userId", orOpenAccess: true)
            .WithName("GetWatchHistory")
            .WithSummary("What a user has watched, newest first")
            .WithDescription("The next page, where there is one, is named by the Link header. Empty for an unknown user.")
            .Produces<WatchedTitle[]>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<Results<Utf8Result, Problem>> ListIdsAsync(
        HttpContext context, IGrainFactory grains, string? limit = null, string? after = null)
    {
        if (IdPage.Read(limit, after, out var page) is { } problem)
            return problem;

        return page.Answer(context, await grains.GetGrain<IUserDirectoryGrain>(0).ListIdsAsync(page.After, page.Limit, context.RequestAborted));
    }

    private static async Task<Results<Utf8Result, Problem>> GetHistoryAsync(
        HttpContext context, IGrainFactory grains, string userId, string? limit = null, string? cursor = null)
    {
        var badId = RequestValues.Id("userId", userId, out var id);
        var badLimit = RequestValues.Limit(limit, HistoryByDefault, MaxHistory, out var count);
        var badCursor = RequestValues.Cursor(cursor, out var before);
        if ((badId ?? badLimit ?? badCursor) is { } problem)
            return problem;

        var freshness = IsOthers(context, id) ? Freshness.MayLag : Freshness.Latest;
        var page = await grains.GetGrain<IUserGrain>(id).GetHistoryAsync(count, before, freshness, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        return Utf8Result.Json<WatchedTitle[]>([.. page.Titles], StreamingJson.Contract.WatchedTitleArray);
    }

    private static bool IsOthers(HttpContext context, Guid userId) => context.GetUser() is { } user && user.UserId != userId;
}
