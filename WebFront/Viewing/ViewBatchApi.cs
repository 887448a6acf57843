using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Viewing;

internal static class ViewBatchApi
{
    private const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Of entries on lines.</summary>
    public const string LineType = "application/x-ndjson";

    /// <summary>Names that they go by; none of them is registered.</summary>
    private static readonly string[] LineTypes =
    [
        LineType, "application/ndjson", "application/jsonl", "application/x-jsonl", "application/jsonlines",
        "application/x-jsonlines", "application/json-lines", "application/x-json-lines",
    ];

    /// <summary>Whether it is another name of <see cref="LineType"/>.</summary>
    public static bool IsAlias(string contentType) => contentType != LineType && LineTypes.Contains(contentType);

    public static void MapViewBatches(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/views", RecordAsync)
            .WithTags("Views")
            .WithName("RecordViewBatch")
            .WithSummary("Record views of many titles")
            .WithDescription(
                "For edge collectors: up to 10,000 entries and 2 MB, as a JSON array or NDJSON (JSON lines), plain or with Content-Encoding gzip. "
                + "Answers when all of them are on disk. Entries may carry keys of their own (`key` or `idempotency_key`), or the request one "
                + "Idempotency-Key for all of it; then a repeated one counts once. Entries that make no sense, have members that are not known, or "
                + "repeat the title and key of an earlier one are rejected one by one.")
            .WithMetadata(new IdempotencyKeyHeader())
            .TakesUpTo(MaxBytes)
            .WithRateLimit(RateLimit.Collectors)
            .Accepts<ViewBatchEntry[]>("application/json", LineTypes)
            .Produces<ViewBatchRecorded>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout)
            .RequireCollector(orOpenAccess: true);

    private static async Task<Results<JsonHttpResult<ViewBatchRecorded>, Problem>> RecordAsync(HttpRequest request, IGrainFactory grains)
    {
        if (ViewsApi.IdempotencyKey(request, out var key) is { } badKey)
            return badKey;

        var (utf8, unreadable) = await RequestBody.ReadAsync(request, MaxBytes);
        if (unreadable is not null)
            return unreadable;

        var subject = request.HttpContext.GetCaller()?.Subject ?? Receipts.Anonymous;
        var body = ViewBatchBody.Read(utf8.Span, subject);
        if (body.Error is { } error)
            return error;

        if (key is not null && body.HasKeyedEntries)
            return Problem.BadRequest("key", "Use an Idempotency-Key for the request or keys for its entries, not both.");

        if (body.Indexes.Count == 0)
            return Recorded(body, dropped: new Dictionary<int, string>());

        var receipt = key is null ? (Guid?)null : Receipts.ForBatch(subject, key);
        var batch = body.ToRequest(receipt);
        var result = await grains.GetGrain<IViewBatchGrain>(batch.GrainKey).RecordAsync(batch);
        if (result.Busy || result.Outcome == Outcome.Refused)
            return ViewsApi.Failed(Outcome.Refused);

        if (result.KeyConflict)
            return new Problem(StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used with other entries.", "Idempotency-Key");

        return result.Outcome == Outcome.Committed ? Recorded(body, Dropped(result)) : ViewsApi.Failed(Outcome.Unknown);
    }

    /// <summary>Why the ledger did not take some of the kept entries, by their places among them.</summary>
    private static Dictionary<int, string> Dropped(ViewBatchResult result)
    {
        var reasons = result.UnknownTitles.ToDictionary(place => place, _ => "Content not found");
        foreach (var place in result.KeyConflicts)
            reasons[place] = "key was used for this title with another count";

        return reasons;
    }

    private static JsonHttpResult<ViewBatchRecorded> Recorded(ViewBatchBody body, Dictionary<int, string> dropped)
    {
        var views = 0L;
        for (var i = 0; i < body.Counts.Count; i++)
            views += dropped.ContainsKey(i) ? 0 : body.Counts[i];

        var recorded = body.Counts.Count - dropped.Count;
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{(recorded == 0 ? "No views recorded" : "Views recorded")}: {recorded} of {body.Entries} entries{(recorded < body.Entries ? "; see rejected" : "")}");
        return TypedResults.Json(new ViewBatchRecorded(message, recorded, views, body.Explain(dropped)), FrontJson.Contract.ViewBatchRecorded);
    }
}

// Not bound: ViewBatchFields reads entries from the bytes themselves, since ten thousand records a request cost more than the rest of it.
internal sealed record ViewBatchEntry
{
    public required Guid ContentId { get; init; }

    /// <summary>1 to 1,000,000.</summary>
    [Range(1, ViewLimits.MaxCount)]
    public required int Count { get; init; }

    /// <summary>Makes the entry count once, however often it is sent; 16 to 128 printable ASCII characters.</summary>
    [StringLength(ViewLimits.MaxKeyLength, MinimumLength = ViewLimits.MinKeyLength)]
    public string? Key { get; init; }
}

/// <param name="Message">How many entries were recorded, of how many.</param>
/// <param name="Recorded">Entries that are on disk, those that were there before by their key included.</param>
/// <param name="Views">Sum of their counts.</param>
/// <param name="Rejected">Entries that were not recorded, each with its reason.</param>
internal sealed record ViewBatchRecorded(string Message, int Recorded, long Views, RejectedEntry[] Rejected);
