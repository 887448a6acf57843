using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Content;

namespace Streaming.WebFront.Users;

internal static class ProgressApi
{
    private const int MaxDuration = 48 * 3600;
    private const int MaxSession = 128;
    private const int ContinueByDefault = 20;
    private const int MaxContinue = 100;

    public static void MapProgress(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/users/{userId}/progress").WithTags("Progress").RequireOwner("userId", orOpenAccess: true);
        group.MapPut("/{contentId}", SaveAsync)
            .WithName("SaveProgress")
            .WithSummary("A player's heartbeat")
            .WithDescription(
                "Saves where playback stands, keeps the session's row of the watch history, and counts a view the first time the session "
                + "has watched 10 seconds (or half of a shorter title), once a viewer, title and hour. Under 5 % the position is forgotten, "
                + "over 90 % the title is watched. Sending it again is safe.")
            .AcceptsFields<ProgressBody>(orForm: false)
            .Produces<ProgressSaved>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);
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

    private static async Task<Results<JsonHttpResult<ProgressSaved>, Problem>> SaveAsync(
        HttpRequest request, IGrainFactory grains, string userId, string contentId)
    {
        if (Ids(userId, contentId, out var user, out var content) is { } problem)
            return problem;

        var fields = await RequestFields.ReadAsync(request);
        var duration = (int)fields.Number("duration_seconds", 1, MaxDuration);
        var report = new ProgressReport(
            content, Math.Min(fields.Floored("position_seconds", MaxDuration), duration), duration, fields.Text("session_id", 1, MaxSession, required: true)!);
        if (fields.Error is { } error)
            return error;

        var result = await grains.GetGrain<IUserGrain>(user).RecordProgressAsync(report);
        return result.Status switch
        {
            ProgressStatus.UnknownUser => Problem.NotFound("User not found"),
            ProgressStatus.UnknownTitle => ContentApi.NotFound(),
            ProgressStatus.Busy => Problem.Unavailable("The progress was not saved; try again soon."),
            ProgressStatus.Unknown => new Problem(StatusCodes.Status504GatewayTimeout, "Whether the progress was saved is unknown; send it again."),
            _ => TypedResults.Json(ProgressSaved.From(result), FrontJson.Contract.ProgressSaved),
        };
    }

    private static async Task<Results<JsonHttpResult<ResumePosition>, Problem>> GetAsync(IGrainFactory grains, string userId, string contentId)
    {
        if (Ids(userId, contentId, out var user, out var content) is { } problem)
            return problem;

        return await grains.GetGrain<IUserGrain>(user).GetProgressAsync(content) is { } position
            ? TypedResults.Json(position, StreamingJson.Contract.ResumePosition)
            : Problem.NotFound("This person has not played this title.");
    }

    private static async Task<Results<JsonHttpResult<ResumePosition[]>, Problem>> ListAsync(IGrainFactory grains, string userId, string? limit = null)
    {
        var badId = RequestValues.Id("userId", userId, out var user);
        var badLimit = RequestValues.Limit(limit, ContinueByDefault, MaxContinue, out var count);
        if ((badId ?? badLimit) is { } problem)
            return problem;

        var positions = await grains.GetGrain<IUserGrain>(user).GetContinueWatchingAsync(count);
        return TypedResults.Json<ResumePosition[]>([.. positions], StreamingJson.Contract.ResumePositionArray);
    }

    private static Problem? Ids(string userId, string contentId, out Guid user, out Guid content)
    {
        var badUser = RequestValues.Id("userId", userId, out user);
        var badContent = RequestValues.Id("contentId", contentId, out content);
        return badUser ?? badContent;
    }
}

/// <param name="PositionSeconds">Where playback stands; 0 to the duration.</param>
/// <param name="DurationSeconds">Length of the title, 1 s to 48 h.</param>
/// <param name="SessionId">The player's name for this playback, 1 to 128 characters.</param>
internal sealed record ProgressBody(int PositionSeconds, int DurationSeconds, string SessionId);

/// <param name="ResumePositionSeconds">Where to resume; 0 when hardly begun or finished.</param>
/// <param name="Watched">Whether the person has ever finished the title.</param>
/// <param name="DurationWatchedSeconds">Time that this session has watched.</param>
/// <param name="ViewCounted">Whether this session's view has been counted.</param>
internal sealed record ProgressSaved(
    Guid ContentId, int ResumePositionSeconds, bool Watched, int DurationWatchedSeconds, bool ViewCounted)
{
    public static ProgressSaved From(ProgressResult result) => new(
        result.Resume!.ContentId, result.Resume.PositionSeconds, result.Resume.Watched, result.DurationWatchedSeconds, result.ViewCounted);
}
