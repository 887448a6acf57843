using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Which pages may read answers. The metadata API is for pages of every origin, those of files included; the rest for the
/// origins of <c>Cors:Origins</c>. Never with credentials: a token is a header that a page must have been given.
/// </summary>
internal sealed class CrossOrigin : ICorsPolicyProvider
{
    public const string OriginsKey = "Cors:Origins";
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
                policy.SetIsOriginAllowed(IsThisMachine);
        }));
    }

    public Task<CorsPolicy?> GetPolicyAsync(HttpContext context, string? policyName) =>
        context.Request.Path.StartsWithSegments(MetadataApi) ? open : listed;

    private static Task<CorsPolicy?> Policy(Action<CorsPolicyBuilder> allowOrigins)
    {
        var policy = new CorsPolicyBuilder()
            .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders("Content-Type", "Authorization", "Idempotency-Key")
            .WithExposedHeaders("Link", "Last-Modified", "Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromHours(1));
        allowOrigins(policy);
        return Task.FromResult<CorsPolicy?>(policy.Build());
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsHttp(uri)
        && string.Equals(text, uri.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    private static bool IsThisMachine(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && IsHttp(uri) && uri.IsLoopback;

    private static bool IsHttp(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;
}

internal static class CrossOriginServices
{
    public static void AddCrossOrigin(this WebApplicationBuilder builder)
    {
        var policies = CrossOrigin.Read(builder.Configuration.GetList(CrossOrigin.OriginsKey), builder.Environment.IsDevelopment());
        builder.Services.AddCors();
        builder.Services.AddSingleton<ICorsPolicyProvider>(policies);
    }
}
