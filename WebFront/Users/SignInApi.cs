using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Streaming.Users;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Users;

/// <summary>From nothing to a token, and back.</summary>
internal static class SignInApi
{
    private const int MaxUsername = 100;
    private const int MaxDevice = 200;
    private const int MaxRefreshToken = 256;
    private const string DefaultUsername = "Default Username";

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/users").WithTags("Accounts").IsPublicAndPersonal();
        group.MapPost("/register", RegisterAsync)
            .WithName("Register")
            .WithSummary("Make an account")
            .WithDescription(
                "An e-mail has one account at most, without regard to case and to forms of its letters; a username is a display name, which many may have. "
                + "The most common passwords and the e-mail itself are refused as passwords.")
            .AcceptsFields<RegisterBody>()
            .Produces<Done>()
            .WithRateLimit(RateLimit.Registration);
        group.MapPost("/login", LogInAsync)
            .WithName("LogIn")
            .WithSummary("Get a token for an e-mail and a password")
            .WithDescription(
                "The token lives for `expires_in` seconds; the refresh token is good once, for another pair. "
                + "Each failure makes further ones from the same address to the same account wait longer (429).")
            .AcceptsFields<LoginBody>()
            .Produces<LoggedIn>()
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .WithRateLimit(RateLimit.Login);
        group.MapPost("/refresh", RefreshAsync)
            .WithName("RefreshToken")
            .WithSummary("Get another token for a refresh token")
            .WithDescription(
                "Sent again within 10 s (as the server is configured), by tabs or because the answer was lost, it is answered with the same refresh "
                + "token again, though that one was used since. Later it ends its session: somebody else has a copy of it.")
            .AcceptsFields<RefreshBody>()
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
        HttpRequest request, IGrainFactory grains, IOptions<AccountOptions> options, AccountAudit audit)
    {
        const string Action = "REGISTER";
        const string Taken = "User already exists with this email";
        var fields = await RequestFields.ReadAsync(request, allowForm: true);
        var email = fields.Email("email");
        var registration = new Registration(
            email!,
            fields.NewPassword("password", email, options.Value.MinPasswordLength)!,
            fields.Name("username", MaxUsername, required: false) ?? DefaultUsername);
        if (fields.Error is { } error)
            return error;

        var result = await grains.GetGrain<IAccountsGrain>(0).RegisterAsync(registration, request.HttpContext.RequestAborted);
        switch (result.Status)
        {
            case RegisterStatus.EmailTaken:
                audit.Write(Action, Taken, null);
                return new Problem(StatusCodes.Status400BadRequest, Taken) { Error = Taken };
            case RegisterStatus.Busy:
                audit.WriteFailure(Action, "busy", null);
                return AccountAnswers.Unavailable();
            default:
                const string Message = "User registered successfully";
                audit.Write(Action, Message, result.UserId);
                return TypedResults.Json(new Done(Message), FrontJson.Contract.Done);
        }
    }

    private static async Task<Results<JsonHttpResult<LoggedIn>, Problem>> LogInAsync(
        HttpRequest request, IGrainFactory grains, AccessTokens tokens, AccountAudit audit)
    {
        const string Action = "LOGIN";
        var fields = await RequestFields.ReadAsync(request, allowForm: true);
        var (email, password) = (fields.Email("email"), fields.Text("password", 1, PasswordRules.MaxLength, required: true));
        if (fields.Error is { } error)
            return error;

        var result = await grains.GetGrain<ILoginGrain>(EmailAddress.Key(email!)).LogInAsync(
            Attempt(request.HttpContext, email!, password!), request.HttpContext.RequestAborted);
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
                return AccountAnswers.TooMany(result.RetryAfter);
            case LoginStatus.Busy:
                audit.WriteFailure(action, "busy", userId);
                return AccountAnswers.Unavailable(result.RetryAfter);
            default:
                audit.Write(action, AccountAnswers.InvalidCredentials, userId);
                return new Problem(StatusCodes.Status400BadRequest, AccountAnswers.InvalidCredentials) { Error = AccountAnswers.InvalidCredentials };
        }
    }

    private static async Task<Results<JsonHttpResult<LoggedIn>, Problem>> RefreshAsync(
        HttpRequest request, IGrainFactory grains, AccessTokens tokens, AccessPoll access, AccountAudit audit)
    {
        var fields = await RequestFields.ReadAsync(request, allowForm: true);
        fields.RefuseOthers("refresh_token");
        var token = fields.Text("refresh_token", 1, MaxRefreshToken, required: true);
        if (fields.Error is { } error)
            return error;

        var result = await grains.GetGrain<IAccountsGrain>(0).RefreshAsync(token!);
        switch (result.Status)
        {
            case RefreshStatus.Refreshed:
                return TypedResults.Json(LoggedIn.From("Token refreshed", result.Grant!, tokens), FrontJson.Contract.LoggedIn);
            case RefreshStatus.Banned:
                return new Problem(StatusCodes.Status403Forbidden, "This account is banned.");
            case RefreshStatus.Reused:
                audit.WriteFailure("REFRESH_REUSED", "a refresh token was used again, and its session was ended", result.UserId);
                await access.RefreshAsync(request.HttpContext.RequestAborted);
                break;
        }

        return new Problem(StatusCodes.Status401Unauthorized, "The refresh token is not good, or no longer; log in again.") { Error = "Invalid or expired token" };
    }

    private static async Task<JsonHttpResult<Done>> LogOutAsync(HttpContext context, IGrainFactory grains, AccessPoll access, AccountAudit audit)
    {
        var caller = context.GetPerson()!;
        await grains.GetGrain<IAccountGrain>(caller.UserId).EndSessionAsync(caller.SessionId);
        audit.Write("LOGOUT", "User logged out", caller.UserId);
        await access.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Logged out successfully"), FrontJson.Contract.Done);
    }
}
