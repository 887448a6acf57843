using System.Net;

namespace Streaming.WebFront;

/// <summary>Names and addresses of this machine for itself.</summary>
internal static class Loopback
{
    /// <param name="host">Without a port; IPv6 in brackets or without.</param>
    public static bool IsHost(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        // Browsers never ask a name server for these.
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether it is the origin of a page that comes from this machine by HTTP.</summary>
    public static bool IsOrigin(string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && IsHost(uri.Host);
}
