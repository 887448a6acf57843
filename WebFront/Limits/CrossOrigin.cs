using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Which pages may read answers. The metadata API is for pages of every origin, those of files included; the rest for the
/// origins of <c>Cors:Origins</c>. Never with credentials: a token is a header that a page must have been given.
/// </summary>
internal sealed class CrossOrigin : ICorsPolicyProvider
{
    private const string OriginsKey = $"{CrossOriginOptions.Section}:{nameof(CrossOriginOptions.Origins)}";
    private const string MetadataApi = "/api/v1/content";

    private readonly Task<CorsPolicy?> open = Policy(policy => policy.AllowAnyOrigin());
    private readonly Task<CorsPolicy?> listed;

    private CrossOrigin(Task<CorsPolicy?> listed) => this.listed = listed;

    /// <param name="origins">As configured; <c>*</c> is any. In Development, where there is none, those of this machine.</param>
    /// <exception cref="StartupException">An entry is no origin.</exception>
    public static CrossOrigin Read(IReadOnlyCollection<string> origins, bool isDevelopment)
    {
        if (origins.FirstOrDefault(origin => origin != "*" && !IsOrigin(origin)) is { } bad)
            throw new StartupException($"{OriginsKey} has \"{bad}\", which is no origin such as https://player.example.com (scheme, host and port alone), nor *.");

        return new CrossOrigin(Policy(policy =>
        {
            if (origins.Contains("*"))
                policy.AllowAnyOrigin();
            else if (origins.Count > 0)
                policy.SetIsOriginAllowed(origins.ToHashSet(StringComparer.OrdinalIgnoreCase).Contains);
            else if (isDevelopment)
                policy.SetIsOriginAllowed(Loopback.IsOrigin);
        }));
    }

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) =>
        context.Request.Path.StartsWithSegments(MetadataApi) ? open : listed;

    private static Task<CorsPolicy?> Policy(Action<CorsPolicyBuilder> allowOrigins)
    {
        var policy = new CorsPolicyBuilder()
            .WithMethods("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders(
                "Content-Type", "Content-Encoding", "Authorization", "Idempotency-Key",
                "Range", "If-Range", "If-None-Match", "If-Modified-Since")
            .WithExposedHeaders(
                "Link", "Last-Modified", "ETag", "Retry-After", "Location", "Allow", "Content-Length", "Content-Range", "Accept-Ranges", "Content-Disposition",
                "RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
            .SetPreflightMaxAge(TimeSpan.FromHours(1));
        allowOrigins(policy);
        return Task.FromResult<CorsPolicy?>(policy.Build());
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsHttp(uri)
        && string.Equals(text, uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    private static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;
}

internal static class CrossOriginServices
{
    public static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<CrossOriginOptions>(CrossOriginOptions.Section);
        var policies = CrossOrigin.Read(builder.Configuration.Read<CrossOriginOptions>(CrossOriginOptions.Section).Origins, builder.Environment.IsDevelopment());
        builder.Services.AddCors();
        builder.Services.AddSingleton<ICorsPolicyProvider>(policies);
    }

    /// <summary>Only where an origin is named: the framework's middleware makes a service scope for each request.</summary>
    public static void UseCrossOrigin(this WebApplication app) => app.UseWhen(context => context.Request.Headers.ContainsKey(HeaderNames.Origin), branch =>
    {
        branch.Use((context, next) =>
        {
            // The first to be registered runs last: after the middleware, which names the header for the origins alone that it allows.
            context.Response.OnStarting(static state => NameOriginAsync((HttpResponse)state), context.Response);
            return next(context);
        });
        branch.UseCors();
    });

    /// <summary>
    /// Every answer depends on the origin, that to a request without one too: what an <c>img</c> has put into a browser's cache, without the
    /// permission to read it, must not be found there by a later <c>fetch</c>.
    /// </summary>
    private static Task NameOriginAsync(HttpResponse response)
    {
        response.Headers.Vary = new([.. response.Headers.GetCommaSeparatedValues(HeaderNames.Vary).Append(HeaderNames.Origin).Distinct(StringComparer.OrdinalIgnoreCase)]);
        return Task.CompletedTask;
    }
}
