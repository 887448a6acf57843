using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Server;

/// <summary>
/// Compression of large JSON, on the routes alone that ask for it. Never of answers with a secret, such as tokens, keys or signed URLs of media:
/// together with text that somebody else chose, such as a video's title, their compressed length would tell what the secret is (BREACH).
/// Nor of a title's content and details, which are small and many.
/// </summary>
internal static class JsonCompression
{
    /// <summary>Lets the route's answers be compressed, where they are large and the client says how.</summary>
    public static TBuilder IsCompressed<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(Marker.Instance);

    public static void AddJsonCompression(this IServiceCollection services)
    {
        services.AddSingleton<IResponseCompressionProvider, LargeResponses>();
        services.Configure<ResponseCompressionOptions>(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["application/json", "application/x-ndjson"];
        });
    }

    /// <summary>On a branch of its own, so that no other request passes through it.</summary>
    public static void UseJsonCompression(this WebApplication app) =>
        app.UseWhen(context => context.GetEndpoint()?.Metadata.GetMetadata<Marker>() is not null, branch =>
        {
            branch.Use((context, next) =>
            {
                context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
                return next(context);
            });
            branch.UseResponseCompression();
        });

    private sealed class Marker
    {
        public static readonly Marker Instance = new();
    }

    /// <summary>Those whose length is not known beforehand are exports.</summary>
    private sealed class LargeResponses(IServiceProvider services, IOptions<ResponseCompressionOptions> options) : ResponseCompressionProvider(services, options)
    {
        /// <summary>Less fits into two packets or three as it is.</summary>
        private const int MinBytes = 4096;

        public override bool ShouldCompressResponse(HttpContext context) =>
            context.Response.ContentLength is not < MinBytes && base.ShouldCompressResponse(context);
    }
}
