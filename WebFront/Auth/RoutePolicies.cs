using Streaming.WebFront.Audit;

namespace Streaming.WebFront.Auth;

/// <summary>States who may use a route or a group of routes; what is nearest to the route holds.</summary>
internal static class RoutePolicies
{
    /// <summary>Everybody. No work is done for it, so a handler has no caller.</summary>
    public static TBuilder IsPublic<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(RoutePolicy.Public);

    /// <summary>Everybody, and each answer is for who asked alone.</summary>
    public static TBuilder IsPublicAndPersonal<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy { Rule = AccessRule.Public, IsPersonal = true });

    /// <summary>Guarded by what the caller adds besides, such as a cookie's policy; tokens are not looked at.</summary>
    public static TBuilder IsGuardedElsewhere<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy { Rule = AccessRule.Elsewhere });

    /// <summary>Any account.</summary>
    public static TBuilder RequireCaller<TBuilder>(this TBuilder builder, bool orOpenAccess = false)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy
        {
            Rule = AccessRule.User,
            OrOpenAccess = orOpenAccess,
            Refusal = "This route needs an account; an API key is for recording views.",
        });

    /// <summary>The account whose id is this value of the route, and administrators.</summary>
    public static TBuilder RequireOwner<TBuilder>(
        this TBuilder builder, string owner, bool orOpenAccess = false, string refusal = "This belongs to somebody else.", AuditedAction? audited = null)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy
        {
            Rule = AccessRule.Owner,
            Owner = owner,
            OrOpenAccess = orOpenAccess,
            Refusal = refusal,
            Audited = audited,
        });

    public static TBuilder RequireAdministrator<TBuilder>(
        this TBuilder builder, bool orOpenAccess = false, string refusal = "Access denied. Admin role required.")
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy
        {
            Rule = AccessRule.Administrator,
            OrOpenAccess = orOpenAccess,
            Refusal = refusal,
        });

    /// <summary>API keys, and administrators.</summary>
    public static TBuilder RequireCollector<TBuilder>(this TBuilder builder, bool orOpenAccess = false)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RoutePolicy
        {
            Rule = AccessRule.Collector,
            OrOpenAccess = orOpenAccess,
            Refusal = "This route needs an API key or an administrator.",
        });

    /// <exception cref="StartupException">A mapped route states no policy.</exception>
    public static void CheckPolicies(this IEndpointRouteBuilder routes)
    {
        var silent = routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<RoutePolicy>() is null)
            .Select(endpoint => endpoint.DisplayName)
            .ToList();
        if (silent.Count > 0)
            throw new StartupException($"These routes do not state who may use them: {string.Join(", ", silent)}. Say IsPublic, RequireCaller or another of {nameof(RoutePolicies)} where they are mapped.");
    }
}
