using System.Net;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Looks at what proxies send before it is believed. The first <c>X-Forwarded-For</c> from an address that is no known proxy's is told: where it is a proxy
/// after all, everybody behind it is one client to the limits, and nothing else would say so.
/// </summary>
internal sealed partial class ForwardedHeaderCheck(RequestDelegate next, IServiceProvider services, ILogger<ForwardedHeaderCheck> logger)
{
    public const string ForHeader = "X-Forwarded-For";

    private readonly ForwardedHeadersOptions? proxies = services.GetService<ForwardedHeadersOptions>();
    private int warned;

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (Volatile.Read(ref warned) == 0 && headers.ContainsKey(ForHeader) && context.Connection.RemoteIpAddress is { } address && !IsKnown(address)
            && Interlocked.Exchange(ref warned, 1) == 0)
        {
            LogUnknown(logger, address);
        }

        if (proxies is not null)
            PathPrefix.Check(headers);

        return next(context);
    }

    private bool IsKnown(IPAddress address)
    {
        if (proxies is null)
            return false;

        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return proxies.KnownProxies.Contains(plain) || proxies.KnownProxies.Contains(address)
            || proxies.KnownIPNetworks.Any(network => network.Contains(plain) || network.Contains(address));
    }

    [LoggerMessage(LogLevel.Warning, "X-Forwarded-For came from {Address}, which is no known proxy, and is not believed; said once. If it is a proxy of yours, name it in Proxies:Known: until then all its clients share one limit of requests.")]
    private static partial void LogUnknown(ILogger logger, IPAddress address);
}
