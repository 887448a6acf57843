using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront.Dashboard;

/// <summary>The pages on which one signs in to the dashboard and out of it. They work without scripts.</summary>
internal sealed partial class SignInPages(IAntiforgery antiforgery)
{
    public const string SignIn = "/sign-in";
    public const string SignOut = "/sign-out";
    public const string ReturnParameter = "returnUrl";
    private const string Home = DashboardFront.Path + "/";
    private const int MaxReturn = 500;

    private readonly Page signIn = new("Sign in", "sign-in.html");
    private readonly Page signOut = new("Sign out", "sign-out.html");

    /// <summary>The sign-in page, from which one comes back to where the request was for.</summary>
    public static string AddressFor(HttpRequest request) =>
        request.PathBase + DashboardFront.Path + SignIn + QueryString.Create(ReturnParameter, ReturnAddress(request.Path + request.QueryString));

    /// <summary>
    /// The address to go on to: a path below <c>/dashboard</c> of this server, whatever was asked for. No backslash, which
    /// browsers take for a slash, no second slash, no dots, and nothing encoded that could become one of them.
    /// </summary>
    public static string ReturnAddress(string? asked) =>
        asked is { Length: <= MaxReturn } && LocalAddress().IsMatch(asked) ? asked : Home;

    public IResult ShowSignIn(HttpContext context, int status = StatusCodes.Status200OK, string message = "", string email = "", string? returnTo = null) =>
        signIn.With(context, status, new()
        {
            ["base"] = context.Request.PathBase.ToString(),
            ["message"] = message,
            ["email"] = email,
            ["return"] = ReturnAddress(returnTo),
            ["token"] = Token(context),
        });

    public IResult ShowSignOut(HttpContext context, int status = StatusCodes.Status200OK, string message = "") => signOut.With(context, status, new()
    {
        ["base"] = context.Request.PathBase.ToString(),
        ["message"] = message,
        ["email"] = context.User.Identity?.Name ?? "",
        ["token"] = Token(context),
    });

    private string Token(HttpContext context)
    {
        // It forbids caching itself, in its own words, and logs a warning each time that it takes the place of others.
        context.Response.Headers.CacheControl = default;
        return antiforgery.GetAndStoreTokens(context).RequestToken!;
    }

    [GeneratedRegex("\\A/dashboard(/[A-Za-z0-9_.-]*)?(\\?[A-Za-z0-9_=&-]*)?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LocalAddress();

    [GeneratedRegex(@"\{\{(?<name>[a-z]+)\}\}")]
    private static partial Regex Place();

    /// <summary>A page with places for values.</summary>
    private sealed class Page
    {
        private readonly string html;
        private readonly string policy;

        public Page(string title, string content)
        {
            html = Read("frame.html").Replace("{{title}}", title, StringComparison.Ordinal).Replace("{{content}}", Read(content), StringComparison.Ordinal);
            policy = PageSecurity.PolicyOf(html);
        }

        /// <param name="values">As text; what is in them is no markup.</param>
        public ContentHttpResult With(HttpContext context, int status, Dictionary<string, string> values)
        {
            PageSecurity.Protect(context.Response, policy);
            return TypedResults.Content(
                Place().Replace(html, place => HtmlEncoder.Default.Encode(values[place.Groups["name"].Value])),
                "text/html; charset=utf-8", statusCode: status);
        }

        private static string Read(string name)
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }
}
