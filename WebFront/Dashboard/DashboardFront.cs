using System.Text;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans.Dashboard;
using Streaming.Silo;
using Streaming.WebFront.Auth;
using DashboardOptions = Streaming.Silo.DashboardOptions;

namespace Streaming.WebFront.Dashboard;

/// <summary>The Orleans Dashboard at <c>/dashboard</c>, for administrators who have signed in there.</summary>
internal static class DashboardFront
{
    public const string Path = "/dashboard";

    /// <summary>Shows what a grain answers, which it learns by calling it: whatever of its methods takes no arguments.</summary>
    private const string StateRoute = Path + "/GrainState";

    private const string SignOutLink = """<a href="sign-out" id="sign-out" class="btn btn-sm btn-dark position-fixed bottom-0 end-0 m-2">Sign out</a>""";

    public static void AddStreamingDashboard(this WebApplicationBuilder builder)
    {
        if (!builder.Configuration.Read<DashboardOptions>(DashboardOptions.Section).Enabled)
            return;

        var services = builder.Services;
        services.AddSingleton<SignInPages>();
        services.AddSingleton<ClusterKeyRing>();
        services.AddDataProtection().SetApplicationName(SiloComposition.ServiceId);
        services.AddOptions<KeyManagementOptions>().Configure<ClusterKeyRing, SigningKeys>(
            (management, ring, keys) => (management.XmlRepository, management.XmlEncryptor) = (ring, new KeyElementEncryptor(keys)));
        services.AddAuthentication().AddCookie(DashboardCookie.Scheme);
        services.AddOptions<CookieAuthenticationOptions>(DashboardCookie.Scheme).Configure<RevocationCache, AccessTokens, TimeProvider>(DashboardCookie.Configure);
        services.AddAuthorizationBuilder().AddPolicy(DashboardCookie.Policy, DashboardCookie.Require);
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.FormFieldName = "token";
            // The framework's own would let pages of this server frame it.
            antiforgery.SuppressXFrameOptionsHeader = true;
            antiforgery.Cookie = new FormCookie { Name = "streaming-dashboard-form", HttpOnly = true, SameSite = SameSiteMode.Strict, IsEssential = true, SecurePolicy = CookieSecurePolicy.SameAsRequest };
        });
    }

    /// <summary>On a branch of its own, so that requests to the API pay nothing for cookies.</summary>
    public static void UseStreamingDashboard(this WebApplication app)
    {
        if (!IsOn(app.Services))
            return;

        // Where their services are there the framework adds both middlewares for every request, unless it finds that they
        // were; the first makes a service scope each time.
        var properties = ((IApplicationBuilder)app).Properties;
        properties["__AuthenticationMiddlewareSet"] = properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments(Path),
            branch => branch.UseMiddleware<DashboardGate>().UseAuthorization());
    }

    public static void MapStreamingDashboard(this IEndpointRouteBuilder routes)
    {
        if (!IsOn(routes.ServiceProvider))
            return;

        // By the cookie's policy.
        var group = routes.MapGroup("").IsGuardedElsewhere().ExcludeFromDescription();
        group.MapDashboardSignIn();
        var dashboard = group.MapOrleansDashboard(Path).RequireAuthorization(DashboardCookie.Policy);
        dashboard.AddEndpointFilter(AddSignOutAsync);
        ((IEndpointConventionBuilder)dashboard).Add(endpoint =>
        {
            if (endpoint is RouteEndpointBuilder { RoutePattern.RawText: StateRoute })
                endpoint.Metadata.Add(new SuppressMatchingMetadata());
        });
    }

    /// <summary>
    /// Its path is the dashboard's, and below a proxy's prefix the prefix: the framework sets that itself where no path is configured.
    /// </summary>
    private sealed class FormCookie : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Path = context.Request.PathBase.Add(DashboardFront.Path);
            return options;
        }
    }

    private static bool IsOn(IServiceProvider services) => services.GetService<SignInPages>() is not null;

    /// <summary>The page is the package's, and knows nothing of signing out.</summary>
    private static async ValueTask<object?> AddSignOutAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!DashboardCookie.IsPage(request))
            return await next(context);

        // As it is, not compressed and not unchanged.
        request.Headers.AcceptEncoding = request.Headers.IfNoneMatch = default;
        var result = await next(context);
        return result is FileContentHttpResult page
            ? TypedResults.Content(
                Encoding.UTF8.GetString(page.FileContents.Span).Replace("</body>", SignOutLink + "</body>", StringComparison.OrdinalIgnoreCase),
                "text/html; charset=utf-8")
            : result;
    }
}
