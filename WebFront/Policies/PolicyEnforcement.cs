using Streaming.Audit;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Auth;

/// <summary>
/// Lets a request through to its route when the route's policy allows its caller. Instead of the framework's
/// authentication and authorization, which make a service scope for every request, public ones too.
/// </summary>
internal sealed class PolicyEnforcement(RequestDelegate next, CallerReader callers, OpenAccess open, RateLimits limits, IAuditLog log)
{
    private static readonly Problem Missing = new(StatusCodes.Status401Unauthorized, "Send Authorization: Bearer and the token of a log-in.")
    {
        Error = "Token not provided",
        Challenge = "Bearer realm=\"streaming\"",
    };

    private static readonly Problem Bad = new(StatusCodes.Status401Unauthorized, "The token is not good, or no longer; refresh it or log in again.")
    {
        Error = "Invalid or expired token",
        Challenge = "Bearer realm=\"streaming\", error=\"invalid_token\"",
    };

    private static readonly Problem Unknown = Problem.Unavailable("Whether the token is still good cannot be told now; try again soon.");

    public Task InvokeAsync(HttpContext context)
    {
        // What answers 404 and 405 is no route.
        if (context.GetEndpoint() is not RouteEndpoint route)
            return PassAsync(context, RoutePolicy.Public);

        var policy = route.Metadata.GetMetadata<RoutePolicy>() ?? throw new InvalidOperationException($"{route.DisplayName} states no policy.");
        return policy.NeedsNoCaller ? PassAsync(context, policy) : EnforceAsync(context, policy);
    }

    private Task PassAsync(HttpContext context, RoutePolicy policy)
    {
        if (policy.IsPersonal)
            context.Response.Headers.CacheControl = "no-store";

        return limits.Refuse(context) is { } refusal ? refusal.ExecuteAsync(context) : next(context);
    }

    private async Task EnforceAsync(HttpContext context, RoutePolicy policy)
    {
        var reading = await callers.ReadAsync(context.Request);
        if (reading.Caller is Caller.User user)
            MeAlias.Resolve(context.Request.RouteValues, user);

        // The response depends on who asked.
        context.Response.Headers.CacheControl = "no-store";
        var refusal = limits.Refuse(context, reading.Caller) ?? reading switch
        {
            { Caller: { } caller } => policy.Allows(caller, context.Request.RouteValues) ? null : Forbid(policy, caller),
            { Status: CallerStatus.Missing } => policy.OrOpenAccess && open.IsAllowed && !MeAlias.IsNamed(context.Request.RouteValues) ? OpenAccess.Refuse(context.Request, policy) : Missing,
            { Status: CallerStatus.Unknown } => Unknown,
            _ => Bad,
        };
        if (refusal is not null)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        if (reading.Caller is not null)
            context.Features.Set(reading.Caller);

        await next(context);
    }

    private Problem Forbid(RoutePolicy policy, Caller caller)
    {
        var problem = new Problem(StatusCodes.Status403Forbidden, policy.Refusal);
        return policy.Audited is { } action && caller is Caller.User user ? action.Failed(log, user.UserId, problem) : problem;
    }
}
