using System.Reflection;
using System.Text.Encodings.Web;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Limits;

namespace Streaming.WebFront;

internal static class HomePage
{
    /// <summary>The page at <c>/</c>, which keeps the sentence that the replaced system answered there.</summary>
    public static void MapHomePage(this IEndpointRouteBuilder routes)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("home.html")!;
        using var reader = new StreamReader(stream);
        var page = reader.ReadToEnd();
        var policy = PageSecurity.PolicyOf(page);
        routes.MapGet("/", (HttpContext context) =>
        {
            PageSecurity.Protect(context.Response, policy);
            return TypedResults.Content(
                page.Replace("{{base}}", HtmlEncoder.Default.Encode(context.Request.PathBase.ToString()), StringComparison.Ordinal), "text/html; charset=utf-8");
        }).ExcludeFromDescription().IsPublic();
    }
}
