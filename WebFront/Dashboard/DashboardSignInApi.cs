using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Streaming.Users;
using Streaming.WebFront.Limits;
using Streaming.WebFront.Users;

namespace Streaming.WebFront.Dashboard;

/// <summary>Signing in to the dashboard with an account's e-mail and password, and out of it.</summary>
internal static class DashboardSignInApi
{
    private const string Action = "DASHBOARD_LOGIN";
    private const string Device = "Dashboard";

    public static void MapDashboardSignIn(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(DashboardFront.Path).WithMetadata(new ReadsBody());
        group.MapGet(SignInPages.SignIn, ShowSignIn);
        group.MapPost(SignInPages.SignIn, SignInAsync).WithRateLimit(RateLimit.Login);
        group.MapGet(SignInPages.SignOut, ShowSignOut).RequireAuthorization(DashboardCookie.Policy);
        group.MapPost(SignInPages.SignOut, SignOutAsync).RequireAuthorization(DashboardCookie.Policy);
    }

    private static IResult ShowSignIn(HttpContext context, SignInPages pages) =>
        pages.ShowSignIn(context, returnTo: context.Request.Query[SignInPages.ReturnParameter]);

    private static async Task<IResult> SignInAsync(
        HttpContext context, SignInPages pages, IAntiforgery antiforgery, IGrainFactory grains, AccountAudit audit)
    {
        if (!await IsOurFormAsync(context, antiforgery))
            return pages.ShowSignIn(context, StatusCodes.Status400BadRequest, "This page was open for too long, or your browser keeps no cookies. Try again.");

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (email, password, returnTo) = (form["email"].ToString().Trim(), form["password"].ToString(), form["return"].ToString());
        var canBe = EmailAddress.IsValid(email) && password.Length is > 0 and <= PasswordRules.MaxLength;
        var result = canBe
            ? await grains.GetGrain<ILoginGrain>(EmailAddress.Key(email))
                .LogInAsync(new LoginAttempt(email, password, context.Connection.RemoteIpAddress?.ToString() ?? "", Device))
            : new LoginResult(LoginStatus.Invalid, null, null, TimeSpan.Zero);
        switch (result.Status)
        {
            case LoginStatus.LoggedIn when result.Grant is { Account.Role: AccountRole.Admin } grant:
                await DashboardCookie.SignInAsync(context, grant.Account, grant.SessionId);
                audit.Write(Action, "Administrator signed in to the dashboard", grant.Account.UserId);
                return new SeeOther(SignInPages.ReturnAddress(returnTo));
            case LoginStatus.LoggedIn:
                await grains.GetGrain<IAccountGrain>(result.Grant!.Account.UserId).EndSessionAsync(result.Grant.SessionId);
                return Refuse(StatusCodes.Status403Forbidden, "The dashboard is for administrators, and this account is none.");
            case LoginStatus.Banned:
                return Refuse(StatusCodes.Status403Forbidden, "This account is banned.");
            case LoginStatus.TooManyFailures:
                return RefuseUntil(StatusCodes.Status429TooManyRequests, "Too many failed attempts.");
            case LoginStatus.Busy:
                return RefuseUntil(StatusCodes.Status503ServiceUnavailable, "Too many people are signing in.");
            default:
                return Refuse(StatusCodes.Status400BadRequest, "E-mail or password is wrong.");
        }

        IResult Refuse(int status, string message)
        {
            audit.WriteFailure(Action, message, result.UserId);
            return pages.ShowSignIn(context, status, message, email, returnTo);
        }

        IResult RefuseUntil(int status, string message)
        {
            var seconds = Math.Max(1, (int)Math.Ceiling(result.RetryAfter.TotalSeconds));
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Refuse(status, string.Create(CultureInfo.InvariantCulture, $"{message} Try again in {seconds} s."));
        }
    }

    private static IResult ShowSignOut(HttpContext context, SignInPages pages) => pages.ShowSignOut(context);

    private static async Task<IResult> SignOutAsync(HttpContext context, SignInPages pages, IAntiforgery antiforgery, IGrainFactory grains)
    {
        if (!await IsOurFormAsync(context, antiforgery))
            return pages.ShowSignOut(context, StatusCodes.Status400BadRequest, "This page was open for too long. Try again.");

        await context.SignOutAsync(DashboardCookie.Scheme);
        if (DashboardCookie.Read(context.User) is { } who)
            await grains.GetGrain<IAccountGrain>(who.UserId).EndSessionAsync(who.SessionId);

        return new SeeOther(DashboardFront.Path + SignInPages.SignIn);
    }

    private static async Task<bool> IsOurFormAsync(HttpContext context, IAntiforgery antiforgery)
    {
        try
        {
            await antiforgery.ValidateRequestAsync(context);
            return true;
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }

    /// <summary>303: whatever the request was, the next one is a GET.</summary>
    private sealed class SeeOther(string path) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = httpContext.Request.PathBase + path;
            return Task.CompletedTask;
        }
    }
}
