using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Users;

namespace Streaming.WebFront.Videos;

/// <summary>What administrators see of users' quotas, and set.</summary>
internal static class QuotaAdminApi
{
    private const string Service = "StorageManagementService";

    private static readonly AuditedAction Set = new("SET_QUOTA", Service);
    private static readonly AuditedAction Reset = new("RESET_QUOTA", Service);

    public static void MapQuotaAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/admin/users/{userId}/quota").WithTags("Administration").RequireAdministrator();
        Describe(group.MapGet("", GetAsync), "GetQuota", "A user's limits, and what of them is used")
            .Produces<QuotaAnswer>();
        Describe(group.MapPut("", SetAsync), "SetQuota", "Set limits for one user")
            .WithDescription(
                "In megabytes, and in videos; whole numbers. What is null or left out is what everybody has; one of them at least is there, and nothing else. A limit below what is used removes nothing; it refuses what comes.")
            .Produces<Done>();
        Describe(group.MapDelete("", ResetAsync), "ResetQuota", "Give a user the limits that everybody has")
            .Produces<Done>();
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .WithName(name)
        .WithSummary(summary)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Results<JsonHttpResult<QuotaAnswer>, Problem>> GetAsync(HttpContext context, IGrainFactory grains, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        return await grains.GetGrain<IQuotaGrain>(id).GetUsageAsync(context.RequestAborted) is { } usage
            ? TypedResults.Json(QuotaAnswer.Of(id, usage), FrontJson.Contract.QuotaAnswer)
            : AccountResponses.NotFound();
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> SetAsync(
        HttpContext context, Body<QuotaMegabytes> body, IGrainFactory grains, IAuditLog log, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        var (limits, refusal) = await body.ReadAsync();
        if (limits is null)
            return refusal!;

        if (!await grains.GetGrain<IQuotaGrain>(id).SetOverridesAsync(limits.ToOverrides()))
            return Set.Failed(log, context, AccountResponses.NotFound());

        Set.Done(log, context, $"Administrator set the quota of user {id}", id);
        return TypedResults.Json(new Done("Quota set successfully"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> ResetAsync(HttpContext context, IGrainFactory grains, IAuditLog log, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        if (!await grains.GetGrain<IQuotaGrain>(id).SetOverridesAsync(new QuotaOverrides()))
            return Reset.Failed(log, context, AccountResponses.NotFound());

        Reset.Done(log, context, $"Administrator reset the quota of user {id}", id);
        return TypedResults.Json(new Done("Quota reset successfully"), FrontJson.Contract.Done);
    }
}
