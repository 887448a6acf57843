using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Users;

/// <summary>From nothing to a token, and back.</summary>
internal static class LoginApi
{
    private const int MaxDevice = 200;
    private const string DefaultUsername = "Default Username";

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").WithTags("Accounts").IsPublicAndPersonal();
        group.MapPost("/register", RegisterAsync)
            .WithName("Register")
            .WithSummary("Make an account")
            .WithDescription(
                "An e-mail has one account at most, without regard to case and to forms of its letters; a username is a display name, which many may have. "
                + "The most common passwords and the e-mail itself are refused as passwords.")
            .Produces<Done>()
            .WithRateLimit(RateLimit.Registration);
        group.MapPost("/login", LogInAsync)
            .WithName("LogIn")
            .WithSummary("Get a token for an e-mail and a password")
            .WithDescription(
                "The token lives for `expires_in` seconds; the refresh token is good once, for another pair. "
                + "Each failure makes further ones from the same address to the same account wait longer (429).")
            .Produces<LoggedIn>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .WithRateLimit(RateLimit.Login);
        group.MapPost("/refresh", RefreshAsync)
            .WithName("RefreshToken")
            .WithSummary("Get another token for a refresh token")
            .WithDescription(
                "Sent again within 10 s (as the server is configured), by tabs or because the answer was lost, it is answered with the same refresh "
                + "token again, though that one was used since. Later it ends its session: somebody else has a copy of it.")
            .Produces<LoggedIn>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden);
        group.MapPost("/logout", LogOutAsync)
            .WithName("LogOut")
            .WithSummary("End the token's session")
            .Produces<Done>()
            .RequireCaller();
    }

    public static LoginAttempt Attempt(HttpContext context, string email, string password)
    {
        var agent = context.Request.Headers.UserAgent.ToString();
        return new LoginAttempt(
            email, password, context.Connection.RemoteIpAddress?.ToString() ?? "", agent.Length == 0 ? null : agent[..Math.Min(agent.Length, MaxDevice)]);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> RegisterAsync(
        HttpContext context, Body<RegisterBody> body, IGrainFactory grains, AccountAudit audit)
    {
        const string Action = "REGISTER";
        const string Taken = "User already exists with this email";
        var (account, problem) = await body.ReadAsync();
        if (account is null)
            return problem!;

        var registration = new Registration(account.Email, account.Password, account.Username ?? DefaultUsername);
        var result = await grains.GetGrain<IAccountsGrain>(0).RegisterAsync(registration, context.RequestAborted);
        switch (result.Status)
        {
            case RegisterStatus.EmailTaken:
                audit.Write(Action, Taken, null);
                return new Problem(StatusCodes.Status400BadRequest, Taken) { Error = Taken };
            case RegisterStatus.Busy:
                audit.WriteFailure(Action, "busy", null);
                return AccountResponses.Unavailable();
            default:
                const string Message = "User registered successfully";
                audit.Write(Action, Message, result.UserId);
                return TypedResults.Json(new Done(Message), FrontJson.Contract.Done);
        }
    }

    private static async Task<Results<JsonHttpResult<LoggedIn>, Problem>> LogInAsync(
        HttpContext context, Body<LoginBody> body, IGrainFactory grains, AccessTokens tokens, AccountAudit audit)
    {
        const string Action = "LOGIN";
        var (login, problem) = await body.ReadAsync();
        if (login is null)
            return problem!;

        var result = await grains.GetGrain<ILoginGrain>(EmailAddress.Key(login.Email)).LogInAsync(
            Attempt(context, login.Email, login.Password), context.RequestAborted);
        if (Refuse(result, audit, Action) is { } refusal)
            return refusal;

        audit.Write(Action, "User logged in successfully", result.UserId);
        return TypedResults.Json(LoggedIn.From("Login successful", result.Grant!, tokens), FrontJson.Contract.LoggedIn);
    }

    /// <summary>Null when the password was right and the account is let in.</summary>
    /// <param name="userId">Whose account it is, where that was known before.</param>
    public static Problem? Refuse(LoginResult result, AccountAudit audit, string action, Guid? userId = null)
    {
        switch (result.Status)
        {
            case LoginStatus.LoggedIn:
                return null;
            case LoginStatus.Banned:
                audit.WriteFailure(action, "banned", result.UserId);
                return new Problem(StatusCodes.Status403Forbidden, "This account is banned.");
            case LoginStatus.TooManyFailures:
                audit.WriteFailure(action, "too many failures", userId);
                return AccountResponses.TooMany(result.RetryAfter);
            case LoginStatus.Busy:
                audit.WriteFailure(action, "busy", userId);
                return AccountResponses.Unavailable(result.RetryAfter);
            default:
                audit.Write(action, AccountResponses.InvalidCredentials, userId);
                return new Problem(StatusCodes.Status400BadRequest, AccountResponses.InvalidCredentials) { Error = AccountResponses.InvalidCredentials };
        }
    }

    private static async Task<Results<JsonHttpResult<LoggedIn>, Problem>> RefreshAsync(
        HttpContext context, Body<RefreshBody> body, IGrainFactory grains, AccessTokens tokens, RevocationPoller poller, AccountAudit audit)
    {
        var (refresh, problem) = await body.ReadAsync();
        if (refresh is null)
            return problem!;

        var result = await grains.GetGrain<IAccountsGrain>(0).RefreshAsync(refresh.RefreshToken);
        switch (result.Status)
        {
            case RefreshStatus.Refreshed:
                return TypedResults.Json(LoggedIn.From("Token refreshed", result.Grant!, tokens), FrontJson.Contract.LoggedIn);
            case RefreshStatus.Banned:
                return new Problem(StatusCodes.Status403Forbidden, "This account is banned.");
            case RefreshStatus.Reused:
                audit.WriteFailure("REFRESH_REUSED", "a refresh token was used again, and its session was ended", result.UserId);
                await poller.RefreshAsync(context.RequestAborted);
                break;
        }

        return new Problem(StatusCodes.Status401Unauthorized, "The refresh token is not good, or no longer; log in again.") { Error = "Invalid or expired token" };
    }

    private static async Task<JsonHttpResult<Done>> LogOutAsync(HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit)
    {
        var caller = context.GetUser()!;
        await grains.GetGrain<IAccountGrain>(caller.UserId).EndSessionAsync(caller.SessionId);
        audit.Write("LOGOUT", "User logged out", caller.UserId);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Logged out successfully"), FrontJson.Contract.Done);
    }
}
