using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Content;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Viewing;

internal static class ViewsApi
{
    private const string KeyHeader = "Idempotency-Key";
    private const string Incremented = "View count incremented";
    private static readonly byte[] IncrementedText = System.Text.Encoding.UTF8.GetBytes(Incremented);
    private static readonly Utf8Result IncrementedHtml = new("text/html; charset=utf-8", IncrementedText);
    private static readonly Utf8Result IncrementedPlain = new("text/plain; charset=utf-8", IncrementedText);

    public static void MapViews(this IEndpointRouteBuilder routes)
    {
        // Taken once: a service parameter would cost each request a scope.
        var ledger = routes.ServiceProvider.GetRequiredService<ViewLedgerClient>();
        var callers = routes.ServiceProvider.GetRequiredService<CallerReader>();
        var group = routes.MapGroup("/api/v1").WithTags("Views");
        Describe(group.MapPost("/content/{id}/views/increment", (HttpRequest request, string id) => IncrementAsync(request, ledger, callers, id)), "IncrementViews", "Record one view")
            .WithDescription(
                "Answers when the view is on disk. With an Idempotency-Key (16 to 128 characters) a repeated request counts once, for the account whose token is sent or for all without one. "
                + "503: nothing was recorded, try again. 504: unknown; repeat it with the same key to be safe.")
            .WithMetadata(new TextAnswer(Incremented))
            .WithRateLimit(RateLimit.Views)
            .Produces<ViewsRecorded>()
            .IsPublic();
        Describe(group.MapPost("/content/{id}/views", (HttpRequest request, Body<ViewsBody> body, string id) => AddAsync(request, body, ledger, id)), "AddViews", "Record many views of one title")
            .WithDescription("For collectors. As one view, but `count` of them. Other fields are refused.")
            .WithRateLimit(RateLimit.Collectors)
            .Produces<ViewsRecorded>()
            .RequireCollector(orOpenAccess: true);
    }

    /// <summary>What the routes that record views of one title have in common.</summary>
    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .WithName(name)
        .WithSummary(summary)
        .WithMetadata(new IdempotencyKeyHeader())
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
        .ProducesProblem(StatusCodes.Status504GatewayTimeout);

    private static async Task<Results<Utf8Result, JsonHttpResult<ViewsRecorded>, Problem>> IncrementAsync(
        HttpRequest request, ViewLedgerClient ledger, CallerReader callers, string id)
    {
        if (Target(request, id, out var contentId, out var key) is { } problem)
            return problem;

        var receipt = key is null ? (Guid?)null : Receipts.ForTitle(await callers.SubjectAsync(request), contentId, key);
        var result = await ledger.RecordAsync(contentId, 1, receipt);
        if (result.Outcome != Outcome.Committed)
            return Failed(result);

        // Clients of the replaced system expect its text; they accept everything, or HTML.
        return AcceptedType.Choose(request.Headers.Accept, "text/html", "text/plain", "application/json") switch
        {
            0 => IncrementedHtml,
            1 => IncrementedPlain,
            _ => Recorded(result, 1),
        };
    }

    private static async Task<Results<JsonHttpResult<ViewsRecorded>, Problem>> AddAsync(
        HttpRequest request, Body<ViewsBody> body, ViewLedgerClient ledger, string id)
    {
        if (Target(request, id, out var contentId, out var key) is { } problem)
            return problem;

        var (views, refusal) = await body.ReadAsync();
        if (views is null)
            return refusal!;

        var receipt = key is null ? (Guid?)null : Receipts.ForTitle(request.HttpContext.GetCaller()?.Subject ?? Receipts.Anonymous, contentId, key);
        var result = await ledger.RecordAsync(contentId, views.Count, receipt);
        return result.Outcome == Outcome.Committed ? Recorded(result, views.Count) : Failed(result);
    }

    private static Problem? Target(HttpRequest request, string id, out Guid contentId, out string? key)
    {
        var badId = RequestValues.Id("id", id, out contentId);
        var badKey = IdempotencyKey(request, out key);
        return badId ?? badKey;
    }

    /// <summary>The request's idempotency key; null without one.</summary>
    public static Problem? IdempotencyKey(HttpRequest request, out string? key)
    {
        key = null;
        if (!request.Headers.TryGetValue(KeyHeader, out var values))
            return null;

        key = values.ToString();
        return values.Count == 1 && IsKey(key)
            ? null
            : Problem.BadRequest(KeyHeader, $"{KeyHeader} must have {ViewLimits.MinKeyLength} to {ViewLimits.MaxKeyLength} printable ASCII characters.");
    }

    public static bool IsKey(ReadOnlySpan<char> key) =>
        key.Length is >= ViewLimits.MinKeyLength and <= ViewLimits.MaxKeyLength && !key.ContainsAnyExceptInRange('!', '~');

    private static Problem Failed(RecordResult result) => result.Rejection switch
    {
        ViewRejection.UnknownTitle => ContentApi.NotFound(),
        ViewRejection.KeyConflict => new Problem(
            StatusCodes.Status422UnprocessableEntity, $"This {KeyHeader} was used for this title with another count.", KeyHeader),
        _ => Failed(result.Outcome),
    };

    public static Problem Failed(Outcome outcome) => outcome switch
    {
        Outcome.Refused => Problem.Unavailable("Nothing was recorded; try again soon."),
        _ => new Problem(
            StatusCodes.Status504GatewayTimeout,
            $"Whether the views were recorded is unknown. Repeat the request with the same {KeyHeader}; without one it may count twice."),
    };

    private static JsonHttpResult<ViewsRecorded> Recorded(RecordResult result, int count) =>
        TypedResults.Json(new ViewsRecorded(Incremented, count, result.Views), FrontJson.Contract.ViewsRecorded);
}

[JsonOnly, JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ViewsBody
{
    /// <summary>1 to 1,000,000.</summary>
    [Range(1, ViewLimits.MaxCount)]
    public required int Count { get; init; }
}

/// <param name="Recorded">Views of this request.</param>
/// <param name="Views">The title's live total.</param>
internal sealed record ViewsRecorded(string Message, int Recorded, long Views);
