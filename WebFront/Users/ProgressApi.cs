using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Content;

namespace Streaming.WebFront.Users;

internal static class ProgressApi
{
    private const int ContinueByDefault = 20;
    private const int MaxContinue = 100;

    public static void MapProgress(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/users/{userId}/progress").WithTags("Progress").RequireOwner("userId", orOpenAccess: true);
        Describe(group.MapPut("/{contentId}", SaveAsync), "SaveProgress", "A player's heartbeat")
            .WithDescription(
                "Saves where playback stands, keeps the session's row of the watch history, and counts a view the first time the session "
                + "has watched 10 seconds (or half of a title that the catalogue knows to be shorter), at least half of which has passed by the "
                + "server's clock since its first heartbeat; once a viewer, title and hour. A heartbeat half an hour after the last one begins another viewing. "
                + "Fractions of seconds are floored, a position past the end is the end; without a duration the title's own is taken, and where "
                + "the catalogue has none nothing is judged. Under 5 % the position is forgotten, over 90 % the title is watched, of the catalogue's length where the player's duration is less than a quarter of that. A heartbeat that is older, or "
                + "has not moved, does not take the place of a newer position, nor does one of a session that has not watched enough take another session's back. "
                + "`watched_at` (RFC 3339) tells when a late heartbeat was made; it is at most a minute in the future. `stopped` ends the session's part in who watches now. "
                + "Other fields are refused. Sending it again is safe.");
        Describe(group.MapPost("/{contentId}", SaveAsync), "PostProgress", "A player's heartbeat, for pages that close")
            .WithDescription(
                "The same as PUT, for what can only POST. A page that closes sends it by `fetch(url, {method: 'POST', keepalive: true, headers: {Authorization: …}, body})`, "
                + "which outlives the page as `navigator.sendBeacon` does and, unlike that, carries the token. A token in the URL or the body is not taken.");
        group.MapDelete("/{contentId}", ForgetAsync)
            .WithName("ForgetProgress")
            .WithSummary("Forget where a title stands")
            .WithDescription(
                "Removes the position and that the title was watched, and ends who watches it now. The sessions stay in the watch history. Heartbeats made before "
                + "(`watched_at`) do not bring it back; a player that plays on does.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{contentId}", GetAsync)
            .WithName("GetProgress")
            .WithSummary("Where to resume a title")
            .Produces<ResumePosition>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("", ListAsync)
            .WithName("ContinueWatching")
            .WithSummary("Titles begun and not finished, newest first")
            .Produces<ResumePosition[]>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .WithName(name)
        .WithSummary(summary)
        .Produces<ProgressSaved>()
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status504GatewayTimeout);

    private static async Task<Results<JsonHttpResult<ProgressSaved>, Problem>> SaveAsync(
        Body<ProgressBody> body, IGrainFactory grains, string userId, string contentId)
    {
        if (Ids(userId, contentId, out var user, out var content) is { } problem)
            return problem;

        var (heartbeat, refusal) = await body.ReadAsync();
        if (heartbeat is null)
            return refusal!;

        var report = new ProgressReport(
            content, (int)heartbeat.PositionSeconds, (int)(heartbeat.DurationSeconds ?? 0), heartbeat.SessionId, heartbeat.WatchedAt, heartbeat.Stopped ?? false);
        var result = await grains.GetGrain<IUserGrain>(user).RecordProgressAsync(report);
        return (result.Outcome, result.Rejection) switch
        {
            (_, ProgressRejection.UnknownUser) => Problem.NotFound("User not found"),
            (_, ProgressRejection.UnknownTitle) => ContentApi.NotFound(),
            (Outcome.Refused, _) => Problem.Unavailable("The progress was not saved; try again soon."),
            (Outcome.Unknown, _) => new Problem(StatusCodes.Status504GatewayTimeout, "Whether the progress was saved is unknown; send it again."),
            _ => TypedResults.Json(ProgressSaved.From(result), FrontJson.Contract.ProgressSaved),
        };
    }

    private static async Task<Results<NoContent, Problem>> ForgetAsync(IGrainFactory grains, string userId, string contentId)
    {
        if (Ids(userId, contentId, out var user, out var content) is { } problem)
            return problem;

        return await grains.GetGrain<IUserGrain>(user).ForgetProgressAsync(content) ? TypedResults.NoContent() : Problem.NotFound("User not found");
    }

    private static async Task<Results<JsonHttpResult<ResumePosition>, Problem>> GetAsync(
        HttpContext context, IGrainFactory grains, string userId, string contentId)
    {
        if (Ids(userId, contentId, out var user, out var content) is { } problem)
            return problem;

        return await grains.GetGrain<IUserGrain>(user).GetProgressAsync(content, context.RequestAborted) is { } position
            ? TypedResults.Json(position, StreamingJson.Contract.ResumePosition)
            : Problem.NotFound("This person has not played this title.");
    }

    private static async Task<Results<JsonHttpResult<ResumePosition[]>, Problem>> ListAsync(
        HttpContext context, IGrainFactory grains, string userId, string? limit = null)
    {
        var badId = RequestValues.Id("userId", userId, out var user);
        var badLimit = RequestValues.Limit(limit, ContinueByDefault, MaxContinue, out var count);
        if ((badId ?? badLimit) is { } problem)
            return problem;

        var positions = await grains.GetGrain<IUserGrain>(user).GetContinueWatchingAsync(count, context.RequestAborted);
        return TypedResults.Json<ResumePosition[]>([.. positions], StreamingJson.Contract.ResumePositionArray);
    }

    private static Problem? Ids(string userId, string contentId, out Guid user, out Guid content)
    {
        var badUser = RequestValues.Id("userId", userId, out user);
        var badContent = RequestValues.Id("contentId", contentId, out content);
        return badUser ?? badContent;
    }
}

[JsonOnly, JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ProgressBody
{
    private const int MaxSeconds = 48 * 3600;

    /// <summary>Where playback stands, 0 to 48 h; a fraction is floored, and past the end is the end.</summary>
    [Range(0, MaxSeconds)]
    public required double PositionSeconds { get; init; }

    /// <summary>Length of the title, up to 48 h; 0, null or absent while the player does not know it.</summary>
    [Range(0, MaxSeconds), DisplayFormat(ConvertEmptyStringToNull = false)]
    public double? DurationSeconds { get; init; }

    /// <summary>The player's name for this playback, 1 to 128 characters.</summary>
    [StringLength(128, MinimumLength = 1)]
    public required string SessionId { get; init; }

    /// <summary>When the heartbeat was made, RFC 3339; now without it.</summary>
    [DisplayFormat(ConvertEmptyStringToNull = false)]
    public DateTimeOffset? WatchedAt { get; init; }

    /// <summary>Whether playback has ended.</summary>
    public bool? Stopped { get; init; }
}

/// <param name="ResumePositionSeconds">Where to resume; 0 when hardly begun or finished.</param>
/// <param name="Watched">Whether the user has ever finished the title.</param>
/// <param name="DurationWatchedSeconds">Time that this session has watched.</param>
/// <param name="ViewCounted">Whether the view of this viewing (a session up to its next long pause) has been counted, by this call or before.</param>
/// <param name="CountedBefore">Whether it had been counted before this call, by this viewing or another of the same hour.</param>
internal sealed record ProgressSaved(
    Guid ContentId, int ResumePositionSeconds, bool Watched, int DurationWatchedSeconds, bool ViewCounted, bool CountedBefore)
{
    public static ProgressSaved From(ProgressResult result) => new(
        result.Resume!.ContentId, result.Resume.PositionSeconds, result.Resume.Watched, result.DurationWatchedSeconds, result.ViewCounted, result.CountedBefore);
}
