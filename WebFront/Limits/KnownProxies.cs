using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Streaming.WebFront.Limits;

/// <summary>
/// The proxies whose <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Prefix</c> are believed: section <c>Proxies</c>, none by
/// default. <c>X-Forwarded-Host</c> is never read: nothing here asks for the host.
/// </summary>
internal static class KnownProxies
{
    private const string KnownKey = $"{ProxyOptions.Section}:{nameof(ProxyOptions.Known)}";
    private const string HopsKey = $"{ProxyOptions.Section}:{nameof(ProxyOptions.Hops)}";
    private const int MaxHops = 10;

    /// <summary>Null when no proxy is known.</summary>
    /// <exception cref="StartupException">An entry is neither an address nor a network, or the number of hops makes no sense.</exception>
    public static ForwardedHeadersOptions? Read(ProxyOptions settings)
    {
        var hops = settings.Hops is not { Length: > 0 } text ? 1
            : int.TryParse(text, out var number) && number is >= 1 and <= MaxHops ? number
            : throw new StartupException($"{HopsKey} {text} must be a whole number from 1 to {MaxHops}: how many proxies of yours stand one behind the other.");
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedPrefix,
            ForwardLimit = hops,
        };
        // The framework's own list is loopback.
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var entry in settings.Known)
        {
            if (IPAddress.TryParse(entry, out var address))
                options.KnownProxies.Add(address);
            else if (IPNetwork.TryParse(entry, out var network))
                options.KnownIPNetworks.Add(network);
            else
                throw new StartupException($"{KnownKey} has \"{entry}\", which is neither an address such as 10.0.0.7 nor a network such as 10.0.0.0/24.");
        }

        return options.KnownProxies.Count + options.KnownIPNetworks.Count > 0 ? options : null;
    }

    public static void AddKnownProxies(this WebApplicationBuilder builder)
    {
        builder.Services.AddSettings<ProxyOptions>(ProxyOptions.Section);
        builder.Services.AddSettings<PathOptions>(PathOptions.Section);
        if (Read(builder.Configuration.Read<ProxyOptions>(ProxyOptions.Section)) is { } options)
            builder.Services.AddSingleton(options);

        builder.Services.AddSingleton(new PublishedPath(PathPrefix.Read(builder.Configuration.Read<PathOptions>(PathOptions.Section))));
    }

    public static void UseKnownProxies(this WebApplication app)
    {
        app.UseMiddleware<ForwardedHeaderCheck>();
        var options = app.Services.GetService<ForwardedHeadersOptions>();
        if (options is not null)
            app.UseForwardedHeaders(options);

        var prefix = app.Services.GetRequiredService<PublishedPath>().Prefix;
        if (options is null && !prefix.HasValue)
            return;

        app.Use((context, next) =>
        {
            PathPrefix.Apply(context.Request, prefix);
            return next(context);
        });
    }

    /// <param name="Prefix">See <see cref="PathPrefix"/>; empty where it is not set.</param>
    private sealed record PublishedPath(PathString Prefix);
}
