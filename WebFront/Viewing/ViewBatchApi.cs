using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Documentation;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Viewing;

internal static class ViewBatchApi
{
    private const int MaxBytes = 2 * 1024 * 1024;

    public static void MapViewBatches(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/views", RecordAsync)
            .WithTags("Views")
            .WithName("RecordViewBatch")
            .WithSummary("Record views of many titles")
            .WithDescription(
                "For edge collectors: up to 10,000 entries and 2 MB, as a JSON array or NDJSON. Answers when all of them are on disk. "
                + "Entries may carry keys of their own, or the request one Idempotency-Key for all of it; then a repeated one counts once. "
                + "Entries that make no sense are rejected one by one.")
            .WithMetadata(new IdempotencyKeyHeader())
            .TakesUpTo(MaxBytes)
            .WithRateLimit(RateLimit.Collectors)
            .Accepts<ViewBatchEntry[]>("application/json", "application/x-ndjson", "application/ndjson")
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

        if (await RequestFields.ReadBodyAsync(request, MaxBytes) is not { } bytes)
            return RequestFields.TooLarge(MaxBytes);

        var subject = request.HttpContext.GetCaller()?.Subject ?? Receipts.Anonymous;
        var body = ViewBatchBody.Read(bytes.WrittenSpan, subject);
        if (body.Error is { } error)
            return error;

        if (key is not null && body.HasKeyedEntries)
            return Problem.BadRequest("key", "Use an Idempotency-Key for the request or keys for its entries, not both.");

        if (body.Indexes.Count == 0)
            return Recorded(body, dropped: []);

        var receipt = key is null ? (Guid?)null : Receipts.ForBatch(subject, key);
        var batch = body.ToRequest(receipt);
        var result = await grains.GetGrain<IViewIntakeGrain>(batch.Intake).RecordAsync(batch);
        if (result.Busy || result.Outcome == BatchOutcome.NotRecorded)
            return ViewsApi.Failed(RecordStatus.NotRecorded);

        if (result.KeyConflicts is [-1])
            return new Problem(StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used with other entries.", "Idempotency-Key");

        return result.Outcome == BatchOutcome.Committed ? Recorded(body, Reject(body, result)) : ViewsApi.Failed(RecordStatus.Unknown);
    }

    /// <summary>Adds what the ledger did not take to the rejected entries; answers their places among the kept ones.</summary>
    private static HashSet<int> Reject(ViewBatchBody body, ViewBatchResult result)
    {
        foreach (var entry in result.UnknownTitles)
            body.Rejected.Add(new RejectedEntry(body.Indexes[entry], "Content not found"));

        foreach (var entry in result.KeyConflicts)
            body.Rejected.Add(new RejectedEntry(body.Indexes[entry], "key was used for this title with another count"));

        return [.. result.UnknownTitles, .. result.KeyConflicts];
    }

    private static JsonHttpResult<ViewBatchRecorded> Recorded(ViewBatchBody body, HashSet<int> dropped)
    {
        var views = 0L;
        for (var i = 0; i < body.Counts.Count; i++)
            views += dropped.Contains(i) ? 0 : body.Counts[i];

        return TypedResults.Json(
            new ViewBatchRecorded("Views recorded", body.Indexes.Count - dropped.Count, views, [.. body.Rejected.OrderBy(r => r.Index)]),
            FrontJson.Contract.ViewBatchRecorded);
    }
}

/// <param name="Count">1 to 1,000,000.</param>
/// <param name="Key">Makes the entry count once, however often it is sent; 16 to 128 printable ASCII characters.</param>
internal sealed record ViewBatchEntry(Guid ContentId, int Count, string? Key = null);

/// <param name="Recorded">Entries that are on disk, those that were there before by their key included.</param>
/// <param name="Views">Sum of their counts.</param>
internal sealed record ViewBatchRecorded(string Message, int Recorded, long Views, RejectedEntry[] Rejected);
