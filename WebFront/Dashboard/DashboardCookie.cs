using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Dashboard;

/// <summary>
/// What a browser shows to see the dashboard. Nothing else reads it: the API takes tokens alone, and browsers send it below
/// <c>/dashboard</c> only.
/// </summary>
internal static class DashboardCookie
{
    public const string Scheme = "dashboard";
    public const string Policy = "dashboard";
    private const string Name = "streaming-dashboard";
    private const string SessionClaim = "sid";
    private const string SignedInAt = "signed-in";
    private const string Administrator = "admin";

    /// <summary>However busily it is used.</summary>
    private static readonly TimeSpan LongestStay = TimeSpan.FromHours(8);

    /// <summary>
    /// It lives as long as an access token, since ended sessions and lost roles are remembered for that long; using it makes
    /// a new one of it, which is judged first.
    /// </summary>
    public static void Configure(CookieAuthenticationOptions options, RevocationCache revocations, AccessTokens tokens, TimeProvider time)
    {
        options.TimeProvider = time;
        options.ExpireTimeSpan = tokens.Lifetime;
        options.SlidingExpiration = true;
        options.CookieManager = new PrefixedCookies();
        options.Cookie.Name = Name;
        options.Cookie.Path = DashboardFront.Path;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = context => JudgeAsync(context, revocations),
            OnCheckSlidingExpiration = context =>
            {
                context.ShouldRenew &= SignedIn(context.Properties) + LongestStay >= time.GetUtcNow() + tokens.Lifetime;
                return Task.CompletedTask;
            },
            OnRedirectToLogin = ChallengeAsync,
            OnRedirectToAccessDenied = context => AnswerAsync(context, StatusCodes.Status403Forbidden),
        };
    }

    public static void Require(AuthorizationPolicyBuilder policy) =>
        policy.AddAuthenticationSchemes(Scheme).RequireAuthenticatedUser().RequireRole(Administrator);

    /// <summary>Lets an administrator in who has just logged in.</summary>
    public static Task SignInAsync(HttpContext context, Account account, Guid sessionId)
    {
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var properties = new AuthenticationProperties();
        properties.SetString(SignedInAt, now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        return context.SignInAsync(
            Scheme,
            new ClaimsPrincipal(new ClaimsIdentity(
                [
                    new Claim(ClaimTypes.NameIdentifier, account.UserId.ToString()),
                    new Claim(ClaimTypes.Name, account.Email),
                    new Claim(ClaimTypes.Role, Administrator),
                    new Claim(SessionClaim, sessionId.ToString()),
                ],
                Scheme)),
            properties);
    }

    /// <summary>Whose it is, and of which session; null where it is not what this front writes.</summary>
    public static (Guid UserId, Guid SessionId)? Read(ClaimsPrincipal? principal) =>
        Guid.TryParse(principal?.FindFirstValue(ClaimTypes.NameIdentifier), out var user) && Guid.TryParse(principal.FindFirstValue(SessionClaim), out var session)
            ? (user, session)
            : null;

    /// <summary>Whether a user looks at it, rather than a script of the page.</summary>
    public static bool IsPage(HttpRequest request) =>
        request.Path.StartsWithSegments(DashboardFront.Path, out var rest) && rest.Value is "" or "/" or "/index.html" or SignInPages.SignOut;

    private static async Task JudgeAsync(CookieValidatePrincipalContext context, RevocationCache revocations)
    {
        if (Read(context.Principal) is { } who
            && revocations.FindCaller(who.UserId, context.Principal!.Identity!.Name!, AccountRole.Admin, who.SessionId) is { IsAdministrator: true })
        {
            return;
        }

        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(Scheme);
    }

    private static DateTimeOffset SignedIn(AuthenticationProperties properties) =>
        long.TryParse(properties.GetString(SignedInAt), CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;

    private static Task ChallengeAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (!IsPage(context.Request) || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
            return AnswerAsync(context, StatusCodes.Status401Unauthorized);

        // Relative: the framework's own names the host, which is the client's word.
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = SignInPages.AddressFor(context.Request);
        return Task.CompletedTask;
    }

    private static Task AnswerAsync(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>
    /// Over https its name begins with what makes browsers take it by https alone. The stricter <c>__Host-</c> wants the
    /// path <c>/</c>, and this one is for <c>/dashboard</c>, below the prefix of a proxy.
    /// </summary>
    private sealed class PrefixedCookies : ICookieManager
    {
        private readonly ChunkingCookieManager cookies = new();

        public string? GetRequestCookie(HttpContext context, string key) => cookies.GetRequestCookie(context, NameFor(context, key));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
            cookies.AppendResponseCookie(context, NameFor(context, key), value, Below(context, options));

        public void DeleteCookie(HttpContext context, string key, CookieOptions options) => cookies.DeleteCookie(context, NameFor(context, key), Below(context, options));

        private static CookieOptions Below(HttpContext context, CookieOptions options) => new(options) { Path = context.Request.PathBase.Add(DashboardFront.Path) };

        private static string NameFor(HttpContext context, string key) => context.Request.IsHttps ? "__Secure-" + key : key;
    }
}
