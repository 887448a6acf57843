using System.Net;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront;

/// <summary>Section <c>Compatibility</c>, for fronts.</summary>
public sealed class CompatibilityOptions
{
    public const string Section = "Compatibility";

    /// <summary>
    /// Lets clients without a token write reviews, read histories, send progress and record views in bulk.
    /// Works in Development on loopback only, where it is on unless this says otherwise, and for this machine's own pages and programs.
    /// </summary>
    public bool? OpenAccess { get; set; }
}

/// <summary>
/// Whether routes that say so are open to those who do not say who they are: see <see cref="RoutePolicy.OrOpenAccess"/>. A browser
/// on this machine sends what pages of anywhere tell it to, so what it says of where a request comes from must be this machine too.
/// </summary>
internal sealed class OpenAccess
{
    private const string NoOrigin = "null";

    // What is on this machine and passes on what others sent, a proxy or a tunnel, says so by one of these.
    private static readonly string[] OfProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", HeaderNames.Via];

    // What a page may send without asking first by a preflight.
    private static readonly string[] SimpleTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    private static readonly Problem Foreign = new(
        StatusCodes.Status401Unauthorized, "Open access is for pages and programs of this machine. Send Authorization: Bearer and the token of a log-in.")
    {
        Error = "Token not provided",
        Challenge = "Bearer realm=\"streaming\"",
    };

    private static readonly Problem Untyped = new(StatusCodes.Status415UnsupportedMediaType, "Send the body as application/json.", "Content-Type");

    private OpenAccess(bool allowed) => IsAllowed = allowed;

    public bool IsAllowed { get; }

    /// <exception cref="StartupException">It is asked for where it must not be.</exception>
    public static OpenAccess Decide(CompatibilityOptions options, IHostEnvironment environment, IEnumerable<BindingAddress> addresses)
    {
        var outside = addresses.FirstOrDefault(address => !Loopback.IsHost(address.Host));
        if (options.OpenAccess == true && !environment.IsDevelopment())
            throw new StartupException($"Compatibility:OpenAccess lets anybody write and is refused in {environment.EnvironmentName}. Leave it out.");

        if (options.OpenAccess == true && outside is not null)
            throw new StartupException($"Compatibility:OpenAccess lets anybody write and is refused while {outside} can be reached from other machines. Listen on localhost only, or leave it out.");

        return new OpenAccess((options.OpenAccess ?? true) && environment.IsDevelopment() && outside is null);
    }

    /// <summary>Null where the request may pass without a token while it <see cref="IsAllowed"/>.</summary>
    public static Problem? Refuse(HttpRequest request, RoutePolicy policy)
    {
        // A name that leads here and is not ours is another site's, which has rebound it.
        if (!Loopback.IsHost(request.Host.Host) || (request.HttpContext.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote)))
            return Foreign;

        if (OfProxies.Any(request.Headers.ContainsKey))
            return Foreign;

        var origin = request.Headers.Origin;
        if (StringValues.IsNullOrEmpty(origin))
        {
            // Browsers leave the origin out of what reads, and say whose page it is for. What is no browser says neither.
            if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site.ToString() == "cross-site")
                return Foreign;
        }
        else if (!IsOpenTo(origin.ToString(), policy))
        {
            return Foreign;
        }

        return HttpMethods.IsPost(request.Method) && !IsTyped(request, needsPreflight: origin == NoOrigin) ? Untyped : null;
    }

    /// <summary>
    /// The first system's page is a file, whose origin is <c>null</c>. So is that of a frame in which any page can put its scripts: to
    /// them what that page does not use stays closed.
    /// </summary>
    private static bool IsOpenTo(string origin, RoutePolicy policy) =>
        origin == NoOrigin ? policy.Rule != AccessRule.Owner : Loopback.IsOrigin(origin);

    /// <summary>A body without a type is one that a page can send everywhere, by a blob that has none.</summary>
    private static bool IsTyped(HttpRequest request, bool needsPreflight)
    {
        if (StringValues.IsNullOrEmpty(request.Headers.ContentType))
            return request.ContentLength is null or 0 && !request.Headers.ContainsKey(HeaderNames.TransferEncoding);

        return !needsPreflight
            || (MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && !SimpleTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase));
    }
}
