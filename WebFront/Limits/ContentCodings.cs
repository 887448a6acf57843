using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Lets the framework decompress the bodies that <see cref="RequestBody"/> reads, within the route's limit of bytes, and
/// refuses every other coding and route with 415. Before the handler, so that nothing takes a compressed body for a plain one.
/// </summary>
internal sealed class ContentCodings(RequestDelegate next)
{
    // Brotli is left out: a few bytes of it make its decoder take 16 MB, and gzip's never takes more than 64 kB.
    private const string Taken = "gzip, deflate";
    private const string Brotli = "br";
    private const string Identity = "identity";

    public static void Add(IServiceCollection services) =>
        services.AddRequestDecompression(decompression =>
        {
            decompression.DecompressionProviders.Remove(Brotli);
            decompression.DecompressionProviders["gzip"] = WholeDecompression.Gzip;
            decompression.DecompressionProviders["deflate"] = WholeDecompression.Deflate;
        });

    /// <summary>On a branch for requests that name a coding, so that no other passes through it.</summary>
    public static void Use(IApplicationBuilder app) => app.UseWhen(
        context => context.Request.Headers.ContainsKey(HeaderNames.ContentEncoding),
        branch => branch.UseMiddleware<ContentCodings>().UseRequestDecompression());

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var codings = headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
            .Where(coding => coding.Length > 0 && !coding.Equals(Identity, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (codings.Count == 0 || context.GetEndpoint() is not RouteEndpoint route || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            headers.Remove(HeaderNames.ContentEncoding);
            return next(context);
        }

        var takesCodings = route.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes.Contains("application/json") == true;
        if (takesCodings && codings is [var coding] && Name(coding) is { } name)
        {
            headers.ContentEncoding = name;
            return next(context);
        }

        context.Response.Headers.AcceptEncoding = takesCodings ? Taken : Identity;
        return new Problem(
            StatusCodes.Status415UnsupportedMediaType,
            takesCodings ? $"The route takes one Content-Encoding of {Taken}, or none." : "The route takes no Content-Encoding: send the body as it is.",
            HeaderNames.ContentEncoding).ExecuteAsync(context);
    }

    /// <summary>As the framework names it; null when it is not taken.</summary>
    private static string? Name(string coding) => coding.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => "gzip",
        "deflate" => "deflate",
        _ => null,
    };
}
