using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.Videos;
using Streaming.WebFront.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Users;

namespace Streaming.WebFront.Videos;

/// <summary>Tells users how much of their quota is used.</summary>
internal static class UsageApi
{
    private static readonly AuditedAction CheckStorage = new("CHECK_STORAGE", "StorageManagementService");
    private static readonly AuditedAction CheckBandwidth = new("CHECK_BANDWIDTH", "UsageMonitoringService");

    public static void MapUsage(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api").WithTags("Quotas").RequireCaller();
        group.MapGet("/storage/usage", GetStorageAsync)
            .WithName("GetStorageUsage")
            .WithSummary("How full one's storage is")
            .WithDescription("Field names are camelCase here. What is reserved for uploads under way counts when another upload asks for room, and is told apart.")
            .Produces<StorageUsage>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/usage/daily-usage", GetDailyAsync)
            .WithName("GetDailyUsage")
            .WithSummary("One's bandwidth of the UTC day")
            .WithDescription("Field names are camelCase here. Uploads, deleted ones included, and under downloads what was played; `resetsAt` is when both begin again.")
            .Produces<DailyUsage>()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<StorageUsage>, Problem>> GetStorageAsync(HttpContext context, IGrainFactory grains, IAuditLog log)
    {
        if (await ReadAsync(context, grains) is not { } usage)
            return CheckStorage.Failed(log, context, AccountResponses.NotFound());

        CheckStorage.Done(log, context, "User checked storage usage");
        return TypedResults.Json(StorageUsage.Of(usage), FrontJson.Contract.StorageUsage);
    }

    private static async Task<Results<JsonHttpResult<DailyUsage>, Problem>> GetDailyAsync(HttpContext context, IGrainFactory grains, IAuditLog log)
    {
        if (await ReadAsync(context, grains) is not { } usage)
            return CheckBandwidth.Failed(log, context, AccountResponses.NotFound());

        CheckBandwidth.Done(log, context, "User checked daily bandwidth usage");
        return TypedResults.Json(DailyUsage.Of(usage), FrontJson.Contract.DailyUsage);
    }

    private static Task<QuotaUsage?> ReadAsync(HttpContext context, IGrainFactory grains) =>
        grains.GetGrain<IQuotaGrain>(context.GetUser()!.UserId).GetUsageAsync(context.RequestAborted);
}
