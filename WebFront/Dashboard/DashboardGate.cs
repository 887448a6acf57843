using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Dashboard;

/// <summary>What all of <c>/dashboard</c> has in common, known routes and unknown ones.</summary>
internal sealed class DashboardGate(RequestDelegate next, RevocationCache revocations, ClusterKeyRing keys)
{
    // The package's page and its diagrams bring styles along in their text; the sign-in pages have a policy without that.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public async Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "same-origin";
        if (revocations.IsFresh && await keys.TryLoadAsync())
            await next(context);
        else
            await Problem.Unavailable("Who may see the dashboard cannot be told now; try again soon.").ExecuteAsync(context);
    }
}
