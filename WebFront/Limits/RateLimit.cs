namespace Streaming.WebFront.Limits;

/// <summary>The limits by name. A route that names none has <see cref="Reads"/> or <see cref="Writes"/>, by its method.</summary>
internal enum RateLimit
{
    None,
    Login,
    Registration,
    Writes,
    Reads,
    Views,
    Collectors,
}

/// <summary>Marks a route's limit.</summary>
internal sealed record RateLimited(RateLimit Limit);

internal static class RateLimitedEndpoints
{
    public static TBuilder WithRateLimit<TBuilder>(this TBuilder builder, RateLimit limit)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RateLimited(limit));
}
