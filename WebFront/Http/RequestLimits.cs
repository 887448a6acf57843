using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Streaming.WebFront;

/// <summary>How large and how slow a request may be.</summary>
internal static class RequestLimits
{
    /// <summary>Of a body, where the route does not say more by <see cref="TakesUpTo"/>.</summary>
    public const int DefaultBodyBytes = 16 * 1024;

    public static void Set(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = DefaultBodyBytes;
        limits.MaxRequestLineSize = 8 * 1024;
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        // A slow phone sends and reads 100 times as fast; who does not would hold a connection for nothing.
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
    }

    /// <summary>States the largest body of a route; routing tells it to the server.</summary>
    public static TBuilder TakesUpTo<TBuilder>(this TBuilder builder, int bytes)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequestSizeLimitAttribute(bytes));

    /// <summary>The largest body of the route that the request goes to.</summary>
    public static int BodyBytes(HttpContext context) => BodyBytes(context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>());

    public static int BodyBytes(IRequestSizeLimitMetadata? limit) => (int)(limit?.MaxRequestBodySize ?? DefaultBodyBytes);

    /// <summary>As people read it: 16 kB, 2 MB.</summary>
    public static string InWords(int bytes) => bytes >= 1024 * 1024 ? $"{bytes / 1024 / 1024} MB" : $"{bytes / 1024} kB";
}
