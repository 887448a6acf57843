using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Users;

/// <summary>What users do with their own accounts, and see of others'.</summary>
internal static class AccountApi
{
    /// <summary>In place of a session's id: that of the token.</summary>
    public const string CurrentSession = "current";

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").WithTags("Accounts").RequireCaller();
        group.MapGet("/user/{userId}", GetAsync)
            .WithName("GetUser")
            .WithSummary("A user's profile")
            .WithDescription("E-mail and role are told to the user and to administrators alone. `me` is one's own id, here and wherever a user id stands.")
            .Produces<ProfileAnswer>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/me", GetOwnAsync)
            .WithName("GetOwnUser")
            .WithSummary("One's own profile")
            .Produces<ProfileAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapPost("/password", ChangePasswordAsync)
            .WithName("ChangePassword")
            .WithSummary("Set another password")
            .WithDescription("Ends all sessions but the one of this request.")
            .Produces<Done>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithRateLimit(RateLimit.Login);
        group.MapGet("/sessions", ListSessionsAsync)
            .WithName("ListSessions")
            .WithSummary("Where one is logged in, last used first")
            .Produces<Session[]>();
        group.MapDelete("/sessions", EndSessionsAsync)
            .WithName("EndSessions")
            .WithSummary("Log out everywhere, here too")
            .Produces<Done>();
        group.MapDelete("/sessions/{sessionId}", EndSessionAsync)
            .WithName("EndSession")
            .WithSummary("Log out in one place")
            .WithDescription("`current` is the session of the token that is sent.")
            .Produces<Done>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapDelete("/me", DeleteAsync)
            .WithName("DeleteAccount")
            .WithSummary("Delete one's account")
            .WithDescription("Asks for the password again. Removes history, positions, videos and sessions; reviews and log entries stay without a name. The last administrator stays: 409.")
            .Produces<Done>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithRateLimit(RateLimit.Login);
        group.MapGet("/me/export", AccountExport.SendAsync)
            .WithName("ExportAccount")
            .WithSummary("Everything that is stored about one, as one JSON document")
            .Produces<ExportedAccount>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<JsonHttpResult<ProfileAnswer>, Problem>> GetAsync(HttpContext context, IGrainFactory grains, string userId)
    {
        if (RequestValues.Id("userId", userId, out var id) is { } problem)
            return problem;

        const string Unknown = "User not found";
        var caller = context.GetUser()!;
        return await grains.GetGrain<IAccountGrain>(id).GetAsync(context.RequestAborted) is { } account
            ? TypedResults.Json(
                new ProfileAnswer(Profile.Of(account, isWhole: caller.UserId == id || caller.IsAdministrator)), FrontJson.Contract.ProfileAnswer)
            : Problem.NotFound(Unknown, Unknown);
    }

    private static Task<Results<JsonHttpResult<ProfileAnswer>, Problem>> GetOwnAsync(HttpContext context, IGrainFactory grains) =>
        GetAsync(context, grains, context.GetUser()!.UserId.ToString());

    private static async Task<Results<JsonHttpResult<Done>, Problem>> ChangePasswordAsync(
        HttpContext context, Body<ChangePasswordBody> body, IGrainFactory grains, RevocationPoller poller, AccountAudit audit)
    {
        const string Action = "CHANGE_PASSWORD";
        var (change, problem) = await body.ReadAsync();
        if (change is null)
            return problem!;

        var caller = context.GetUser()!;
        var result = await grains.GetGrain<IAccountGrain>(caller.UserId).ChangePasswordAsync(change.CurrentPassword, change.NewPassword, caller.SessionId);
        switch (result.Status)
        {
            case ChangePasswordStatus.WrongPassword:
                audit.WriteFailure(Action, "wrong password", caller.UserId);
                return Problem.BadRequest("current_password", "The current password is another one.");
            case ChangePasswordStatus.UnknownAccount:
                return AccountResponses.NotFound();
            case ChangePasswordStatus.TooManyFailures:
                audit.WriteFailure(Action, "too many failures", caller.UserId);
                return AccountResponses.TooMany(result.RetryAfter);
            case ChangePasswordStatus.Changed:
                audit.Write(Action, "User changed the password", caller.UserId);
                await poller.RefreshAsync(context.RequestAborted);
                return TypedResults.Json(new Done("Password changed successfully"), FrontJson.Contract.Done);
            default:
                return AccountResponses.Unavailable();
        }
    }

    private static async Task<JsonHttpResult<Session[]>> ListSessionsAsync(HttpContext context, IGrainFactory grains)
    {
        var caller = context.GetUser()!;
        var sessions = await grains.GetGrain<IAccountGrain>(caller.UserId).ListSessionsAsync(context.RequestAborted);
        return TypedResults.Json(
            sessions.Select(s => new Session(s.SessionId, s.Device, s.CreatedAt, s.LastUsedAt, s.ExpiresAt, s.SessionId == caller.SessionId)).ToArray(),
            FrontJson.Contract.SessionArray);
    }

    private static async Task<JsonHttpResult<Done>> EndSessionsAsync(HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit)
    {
        var caller = context.GetUser()!;
        await grains.GetGrain<IAccountGrain>(caller.UserId).EndSessionsAsync();
        audit.Write("LOGOUT", "User logged out everywhere", caller.UserId);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("All sessions ended"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> EndSessionAsync(
        HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string sessionId)
    {
        var caller = context.GetUser()!;
        var id = caller.SessionId;
        if (sessionId != CurrentSession && RequestValues.Id("sessionId", sessionId, out id) is { } problem)
            return problem;

        if (!await grains.GetGrain<IAccountGrain>(caller.UserId).EndSessionAsync(id))
            return Problem.NotFound("There is no such session, or it has ended.");

        audit.Write("LOGOUT", "User ended a session", caller.UserId);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Session ended"), FrontJson.Contract.Done);
    }

    /// <summary>Checks the password by a log-in, so that guessing is held up as it is there.</summary>
    private static async Task<Results<JsonHttpResult<Done>, Problem>> DeleteAsync(
        HttpContext context, Body<PasswordBody> body, IGrainFactory grains, RevocationPoller poller, AccountAudit audit)
    {
        const string Action = "DELETE_ACCOUNT";
        var (proof, problem) = await body.ReadAsync();
        if (proof is null)
            return problem!;

        var caller = context.GetUser()!;
        var account = grains.GetGrain<IAccountGrain>(caller.UserId);
        if (await account.GetAsync(context.RequestAborted) is not { } known)
            return AccountResponses.NotFound();

        var login = grains.GetGrain<ILoginGrain>(EmailAddress.Key(known.Email));
        if (LoginApi.Refuse(await login.LogInAsync(LoginApi.Attempt(context, known.Email, proof.Password)), audit, Action, caller.UserId) is { } refusal)
            return refusal;

        if (await account.DeleteAsync() == AccountChangeStatus.LastAdministrator)
        {
            audit.WriteFailure(Action, "last administrator", caller.UserId);
            return AccountResponses.LastAdministrator();
        }

        // Not by its id, which is in the log of nobody any more.
        audit.Write(Action, "User deleted the account", null);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Account deleted successfully"), FrontJson.Contract.Done);
    }
}
