using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Users;

namespace Streaming.WebFront.Videos;

/// <summary>What administrators see of people's quotas, and set.</summary>
internal static class QuotaAdminApi
{
    private const string Service = "StorageManagementService";
    private const int MaxMegabytes = 1_000_000;
    private const int MaxDownloadMegabytes = 100_000_000;
    private const int MaxVideos = 10_000_000;

    private static readonly string[] Fields = ["storage_mb", "daily_upload_mb", "daily_download_mb", "videos"];
    private static readonly AuditedAction Set = new("SET_QUOTA", Service);
    private static readonly AuditedAction Reset = new("RESET_QUOTA", Service);

    public static void MapQuotaAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/admin/users/{userId}/quota").WithTags("Administration").RequireAdministrator();
        Describe(group.MapGet("", GetAsync), "GetQuota", "A person's limits, and what of them is used")
            .Produces<QuotaAnswer>();
        Describe(group.MapPut("", SetAsync), "SetQuota", "Set limits for one person")
            .WithDescription(
                "In megabytes, and in videos; whole numbers. What is null or left out is what everybody has; one of them at least is there, and nothing else. A limit below what is used removes nothing; it refuses what comes.")
            .AcceptsFields<QuotaMegabytes>()
            .Produces<Done>();
        Describe(group.MapDelete("", ResetAsync), "ResetQuota", "Give a person the limits that everybody has")
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
            : AccountAnswers.NotFound();
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> SetAsync(HttpRequest request, IGrainFactory grains, IAuditLog log, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        var fields = await RequestFields.ReadAsync(request, allowForm: true);
        fields.RefuseOthers(Fields);
        fields.RequireSome(Fields);
        var limits = new QuotaOverrides(
            Bytes(fields, "storage_mb", MaxMegabytes), Bytes(fields, "daily_upload_mb", MaxMegabytes), Bytes(fields, "daily_download_mb", MaxDownloadMegabytes),
            fields.Has("videos") ? fields.Integer("videos", 0, MaxVideos) : null);
        if (fields.Error is { } error)
            return error;

        if (!await grains.GetGrain<IQuotaGrain>(id).SetOverridesAsync(limits))
            return Set.Failed(log, request.HttpContext, AccountAnswers.NotFound());

        Set.Done(log, request.HttpContext, $"Administrator set the quota of user {id}", id);
        return TypedResults.Json(new Done("Quota set successfully"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> ResetAsync(HttpContext context, IGrainFactory grains, IAuditLog log, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        if (!await grains.GetGrain<IQuotaGrain>(id).SetOverridesAsync(new QuotaOverrides()))
            return Reset.Failed(log, context, AccountAnswers.NotFound());

        Reset.Done(log, context, $"Administrator reset the quota of user {id}", id);
        return TypedResults.Json(new Done("Quota reset successfully"), FrontJson.Contract.Done);
    }

    private static long? Bytes(RequestFields fields, string name, int max) =>
        fields.Has(name) ? fields.Integer(name, 0, max) * QuotaLimits.BytesPerMegabyte : null;
}
