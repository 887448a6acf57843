using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Audit;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Audit;

internal static class LogsApi
{
    private const string Root = "/api/logs";
    private const int PerPage = 100;
    private const int MaxPerPage = 1_000;
    private const string Paging =
        "Without cursor and limit: 100 entries after the first start ones, with the total. With either: up to limit entries without "
        + "the total, and the next page, where there is one, is named by the Link header (rel=\"next\"), which holds while entries are added.";

    public static void MapLogs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Root).WithTags("Audit log");
        group.MapPost("/add", AddAsync)
            .WithName("AddLog")
            .WithSummary("Add an entry to the audit log")
            .WithDescription(
                "Answers when the entry is on disk. It is the caller's, and marked as reported by a client; an administrator may name another user_id. "
                + "Control characters, e-mail addresses and tokens are taken out. Texts in which nothing can be seen are refused.")
            .Produces<LogAdded>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout)
            .RequireCaller();
        group.MapGet("/all", ListAllAsync)
            .WithName("ListLogs")
            .WithSummary("The audit log, newest first")
            .WithDescription(Paging)
            .Produces<LogList>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireAdministrator();
        group.MapGet("/user/{uid}", ListOfUserAsync)
            .WithName("ListLogsOfUser")
            .WithSummary("One user's entries in the audit log, newest first")
            .WithDescription(Paging)
            .Produces<LogList>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireOwner("uid");
        group.MapGet("/export", ExportAllAsync)
            .WithName("ExportLogs")
            .WithSummary("The audit log as NDJSON, newest first")
            .WithDescription("A line an entry, all that the filter lets through.")
            .Produces<LogRow>(StatusCodes.Status200OK, LogExport.ContentType)
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireAdministrator();
        group.MapGet("/user/{uid}/export", ExportOfUserAsync)
            .WithName("ExportLogsOfUser")
            .WithSummary("One user's entries in the audit log as NDJSON, newest first")
            .WithDescription("A line an entry, all that the filter lets through.")
            .Produces<LogRow>(StatusCodes.Status200OK, LogExport.ContentType)
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .RequireOwner("uid");
    }

    /// <summary>For a path here that is no route, in the words of the replaced system; null elsewhere.</summary>
    public static Problem? UnknownRoute(PathString path) => path.StartsWithSegments(Root) ? Problem.NotFound("Invalid route") : null;

    private static async Task<Results<JsonHttpResult<LogAdded>, Problem>> AddAsync(
        HttpContext context, Body<LogBody> body, IGrainFactory grains, TimeProvider time)
    {
        var (log, problem) = await body.ReadAsync();
        if (log is null)
            return problem!;

        var userId = log.UserId ?? context.GetUser()!.UserId;
        // Not by way of IAuditLog: clients that add much must not push the platform's own entries out of its queue.
        var entry = LogEntry.Create(
            log.Action, log.Service, log.Description, userId, isClientReported: true, time,
            LogEntry.FindAccount(userId, log.Description, log.Action, log.Service));
        await grains.GetGrain<ILogGrain>(0).WriteAsync([entry]);
        return TypedResults.Json(new LogAdded("Log added successfully"), FrontJson.Contract.LogAdded, statusCode: StatusCodes.Status201Created);
    }

    private static Task<Results<Utf8Result, Problem>> ListAllAsync(
        HttpContext context, IGrainFactory grains, [AsParameters] LogFilterQuery filter, [AsParameters] PageQuery page) =>
        ListAsync(context, grains, userId: null, filter, page);

    private static async Task<Results<Utf8Result, Problem>> ListOfUserAsync(
        HttpContext context, IGrainFactory grains, string uid, [AsParameters] LogFilterQuery filter, [AsParameters] PageQuery page) =>
        RequestValues.Id("uid", uid, out var id) is { } problem ? problem : await ListAsync(context, grains, id, filter, page);

    private static async Task<Results<Utf8Result, Problem>> ListAsync(
        HttpContext context, IGrainFactory grains, Guid? userId, LogFilterQuery filters, PageQuery pages)
    {
        if (filters.Read(userId, out var filter) is { } badFilter)
            return badFilter;

        var log = grains.GetGrain<ILogGrain>(0);
        if (pages.IsByNumber)
        {
            if (pages.ReadStart(out var start) is { } badStart)
                return badStart;

            var counted = await log.ListFromAsync(filter, start, PerPage, context.RequestAborted);
            return Answer(counted.Entries, counted.Total);
        }

        if (pages.ReadPage(PerPage, MaxPerPage, out var before, out var limit) is { } badPage)
            return badPage;

        var page = await log.ListAsync(filter, before, limit, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        return Answer(page.Entries, total: null);
    }

    private static Utf8Result Answer(ImmutableArray<LogEntry> entries, long? total) =>
        Utf8Result.Json(new LogList([.. entries.Select(LogRow.From)], total), FrontJson.Contract.LogList);

    private static Task<Results<LogExport, Problem>> ExportAllAsync(HttpContext context, IGrainFactory grains, [AsParameters] LogFilterQuery filter) =>
        ExportAsync(context, grains, userId: null, filter);

    private static async Task<Results<LogExport, Problem>> ExportOfUserAsync(
        HttpContext context, IGrainFactory grains, string uid, [AsParameters] LogFilterQuery filter) =>
        RequestValues.Id("uid", uid, out var id) is { } problem ? problem : await ExportAsync(context, grains, id, filter);

    private static async Task<Results<LogExport, Problem>> ExportAsync(
        HttpContext context, IGrainFactory grains, Guid? userId, LogFilterQuery filters) =>
        filters.Read(userId, out var filter) is { } problem
            ? problem
            : await LogExport.StartAsync(grains.GetGrain<ILogGrain>(0), filter, context.RequestAborted);
}
