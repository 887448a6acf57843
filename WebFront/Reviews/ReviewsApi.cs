using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Reviews;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Content;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Reviews;

internal static class ReviewsApi
{
    private const int PageByDefault = 50;
    private const int MaxPage = 200;

    // What the first seed takes; a comment of escapes only has 30 kB.
    private const int MaxBytes = 100 * 1024;

    public static void MapReviews(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/content/{id}/reviews").WithTags("Reviews").IsPublic();
        group.MapGet("", ListAsync)
            .WithName("ListReviews")
            .WithSummary("A title's reviews, a page at a time")
            .WithDescription("Newest first, or by likes (`top`) or rating. The next page, where there is one, is named by the Link header. Empty for an unknown title.")
            .Produces<Review[]>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapPost("", WriteAsync)
            .WithName("WriteReview")
            .WithSummary("Review a title")
            .WithDescription("One review a user and title: a second takes the place of the first. `user_id` is the caller's and may be left out.")
            .TakesUpTo(MaxBytes)
            .Produces<ReviewWritten>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout)
            .RequireCaller(orOpenAccess: true);
    }

    private static async Task<Results<Utf8Result, Problem>> ListAsync(
        HttpContext context, IGrainFactory grains, string id, string? limit = null, string? cursor = null, string? sort = null)
    {
        var badId = RequestValues.Id("id", id, out var contentId);
        var badLimit = RequestValues.Limit(limit, PageByDefault, MaxPage, out var count);
        var badCursor = RequestValues.Cursor(cursor, out var after);
        var badSort = Sort(sort, out var order);
        if ((badId ?? badLimit ?? badCursor ?? badSort) is { } problem)
            return problem;

        var page = await grains.GetGrain<IReviewsGrain>(contentId).GetPageAsync(order, count, after, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        var json = JsonSerializer.SerializeToUtf8Bytes<Review[]>([.. page.Reviews], StreamingJson.Contract.ReviewArray);
        // A review on a page after this one changes nothing here but the link to it.
        return Utf8Result.Json(Validators.Weak(json, Encoding.ASCII.GetBytes(page.Next?.ToString() ?? "")), json);
    }

    private static Problem? Sort(string? text, out ReviewSort sort)
    {
        (sort, var known) = text switch
        {
            null or "newest" => (ReviewSort.Newest, true),
            "top" => (ReviewSort.Top, true),
            "rating" => (ReviewSort.Rating, true),
            _ => (ReviewSort.Newest, false),
        };
        return known ? null : Problem.BadRequest("sort", "sort must be newest, top or rating.");
    }

    private static async Task<Results<JsonHttpResult<ReviewWritten>, Problem>> WriteAsync(
        HttpContext context, Body<ReviewBody> body, IGrainFactory grains, string id)
    {
        if (RequestValues.Id("id", id, out var contentId) is { } badId)
            return badId;

        var (review, problem) = await body.ReadAsync();
        if (review is null)
            return problem!;

        var caller = context.GetUser();
        var draft = new ReviewDraft(review.UserId ?? caller!.UserId, review.Rating, review.Comment, review.IsSpoiler ?? false);
        if (caller is not null && draft.UserId != caller.UserId)
            return new Problem(StatusCodes.Status403Forbidden, "A review is written in one's own name: leave user_id out, or send your own.");

        var result = await grains.GetGrain<IReviewsGrain>(contentId).WriteAsync(draft);
        return result.Status switch
        {
            WriteReviewStatus.UnknownTitle => ContentApi.NotFound(),
            WriteReviewStatus.UnknownUser => Problem.NotFound("User not found"),
            _ => TypedResults.Json(
                new ReviewWritten("Review added successfully", result.Review!), FrontJson.Contract.ReviewWritten, statusCode: StatusCodes.Status201Created),
        };
    }
}

internal sealed record ReviewBody
{
    private const string Incomplete = "User ID and rating are required.";

    /// <summary>Whose review it is: the caller's own, also when it is left out. Needed only where the request has no token.</summary>
    [UserId(NeededWithoutCaller = Incomplete)]
    public Guid? UserId { get; init; }

    /// <summary>1 to 10.</summary>
    [Required(ErrorMessage = Incomplete), Range(1, 10)]
    public required double Rating { get; init; }

    /// <summary>Up to 5,000 characters.</summary>
    [StringLength(5_000, MinimumLength = 1)]
    public string? Comment { get; init; }

    public bool? IsSpoiler { get; init; }
}

internal sealed record ReviewWritten(string Message, Review Review);
