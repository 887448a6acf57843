using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Limits;

/// <summary>
/// What holds for every request with a body, whether its route reads it or not: no transfer coding but chunked (RFC 9112, 6.1), and nothing
/// is done for a request whose body breaks the protocol or breaks off, as far as that can be told from what a route takes at least.
/// </summary>
internal sealed class BodyFraming(RequestDelegate next)
{
    private const string Chunked = "chunked";

    private static readonly Problem UnknownCoding = new(
        StatusCodes.Status501NotImplemented, "The only Transfer-Encoding that is taken is chunked; compress a body by Content-Encoding.", HeaderNames.TransferEncoding);

    /// <summary>On a branch, so that requests without a body do not pass through it.</summary>
    public static void Use(IApplicationBuilder app) => app.UseWhen(
        context => context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true },
        branch => branch.UseMiddleware<BodyFraming>());

    public async Task InvokeAsync(HttpContext context)
    {
        if (HasOtherCoding(context.Request))
        {
            await UnknownCoding.ExecuteAsync(context);
            return;
        }

        if (Changes(context.Request) && TakesNone(context))
            await ReadAsync(context);

        await next(context);
    }

    private static bool HasOtherCoding(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderNames.TransferEncoding, out var values))
            return false;

        // An empty element of a list is none.
        var codings = values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return codings.Length > 0 && !(codings is [var coding] && coding.Equals(Chunked, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Changes(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);

    /// <summary>Whether it goes to a route that reads no body.</summary>
    private static bool TakesNone(HttpContext context) =>
        context.GetEndpoint() is RouteEndpoint route
        && route.Metadata.GetMetadata<IAcceptsMetadata>() is null
        && route.Metadata.GetMetadata<ReadsBody>() is null;

    /// <exception cref="BadHttpRequestException">It broke off, or is none.</exception>
    private static async Task ReadAsync(HttpContext context)
    {
        RequestBodyDrain.LeaveRoom(context, RequestLimits.DefaultBodyBytes);
        var body = context.Request.BodyReader;
        for (long left = RequestLimits.DefaultBodyBytes; left > 0;)
        {
            var result = await body.ReadOrCancelAsync(context.RequestAborted);
            left -= result.Buffer.Length;
            body.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }
}
