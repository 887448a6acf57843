using System.Globalization;
using Microsoft.Extensions.Options;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Refuses with 429 what a client asks too often, before anything else is asked for it. Not the framework's middleware:
/// that keeps a state machine and a lease for each request until it is answered.
/// </summary>
internal sealed class RateLimits : IDisposable
{
    private readonly bool enabled;
    private readonly CallerReader callers;
    private readonly RateLimitRule?[] rules;
    private readonly TokenBuckets?[] buckets;

    public RateLimits(IOptions<RateLimitOptions> options, CallerReader callers, TimeProvider time)
    {
        var limits = options.Value;
        enabled = limits.Enabled;
        this.callers = callers;
        rules = [null, limits.Login, limits.Registration, limits.Writes, limits.Reads, limits.Views, limits.Collectors];
        buckets = [.. rules.Select(rule => rule is null ? null : new TokenBuckets(rule, limits.MaxClients, time))];
    }

    /// <summary>Counts the request; null when it may go on.</summary>
    public Problem? Refuse(HttpContext context, Caller? caller = null)
    {
        if (!enabled || LimitOf(context) is var limit && limit == RateLimit.None)
            return null;

        // Nobody is asked for on that route, and collectors may use it too.
        if (limit == RateLimit.Views && callers.FindCollector(context.Request) is { } collector)
            (limit, caller) = (RateLimit.Collectors, collector);

        var client = caller switch
        {
            Caller.User user => RateLimitClient.Of(user.UserId),
            Caller.Collector key => RateLimitClient.Of(key.KeyId),
            _ => RateLimitClient.Of(context.Connection.RemoteIpAddress),
        };
        var wait = buckets[(int)limit]!.Take(client);
        return wait == TimeSpan.Zero ? null : Refusal(limit, wait);
    }

    public void Dispose() => Array.ForEach(buckets, bucket => bucket?.Dispose());

    private static RateLimit LimitOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RateLimited>() is { } stated ? stated.Limit
        : IsRead(context.Request.Method) ? RateLimit.Reads
        : RateLimit.Writes;

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private Problem Refusal(RateLimit limit, TimeSpan wait)
    {
        var name = limit.ToString().ToLowerInvariant();
        var rule = rules[(int)limit]!;
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return new Problem(
            StatusCodes.Status429TooManyRequests,
            string.Create(CultureInfo.InvariantCulture, $"Too many requests: the limit \"{name}\" is {rule.Burst} at once and {rule.PerMinute} a minute. Try again after {seconds} s."))
        {
            RetryAfter = seconds,
            Limit = name,
        };
    }
}

internal static class RateLimitServices
{
    public static void AddStreamingRateLimits(this IServiceCollection services)
    {
        services.AddSettings<RateLimitOptions>(RateLimitOptions.Section);
        services.AddSingleton<RateLimits>();
    }
}
