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

/// <summary>Whether routes that say so are open to those who do not say who they are: see <see cref="Auth.RoutePolicy.OrOpenAccess"/>.</summary>
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
