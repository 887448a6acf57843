using System.Net;

namespace Streaming.WebFront;

/// <summary>Section <c>Compatibility</c>.</summary>
public sealed class CompatibilityOptions
{
    public const string Section = "Compatibility";

    /// <summary>
    /// Lets anonymous clients write reviews, read histories and record views in bulk, as the first seed's page does.
    /// Works in Development on loopback only, where it is on unless this says otherwise.
    /// </summary>
    public bool? OpenAccess { get; set; }
}

/// <summary>Whether routes that will need an account are open to everybody.</summary>
internal sealed class OpenAccess
{
    private OpenAccess(bool allowed) => IsAllowed = allowed;

    public bool IsAllowed { get; }

    /// <exception cref="StartupException">It is asked for where it must not be.</exception>
    public static OpenAccess Decide(CompatibilityOptions options, IHostEnvironment environment, IEnumerable<BindingAddress> addresses)
    {
        var outside = addresses.FirstOrDefault(address => !IsLoopback(address.Host));
        if (options.OpenAccess == true && !environment.IsDevelopment())
            throw new StartupException($"Compatibility:OpenAccess lets anybody write and is refused in {environment.EnvironmentName}. Leave it out.");

        if (options.OpenAccess == true && outside is not null)
            throw new StartupException($"Compatibility:OpenAccess lets anybody write and is refused while {outside} can be reached from other machines. Listen on localhost only, or leave it out.");

        return new OpenAccess((options.OpenAccess ?? true) && environment.IsDevelopment() && outside is null);
    }

    private static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

internal static class OpenAccessEndpoints
{
    /// <summary>Refuses the route with 403 unless open access is on. Accounts do not exist yet; with them comes a policy in its place.</summary>
    public static TBuilder RequireOpenAccess<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.AddEndpointFilter(async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<OpenAccess>().IsAllowed
                ? await next(context)
                : new Problem(StatusCodes.Status403Forbidden, "This route needs an account, and accounts do not exist yet. In Development on localhost it is open (Compatibility:OpenAccess)."));
        builder.WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status403Forbidden, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), ["application/problem+json"]));
        return builder;
    }
}
