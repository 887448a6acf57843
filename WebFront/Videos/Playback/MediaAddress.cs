using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Streaming.WebFront.Videos;

/// <summary>What the URLs of media begin with. Never a Host header, which anybody can send.</summary>
internal sealed class MediaAddress
{
    private readonly Lazy<string> text;

    private MediaAddress(Func<string> read) => text = new(read);

    /// <summary>Without a slash at its end.</summary>
    public string Text => text.Value;

    /// <param name="server">Asked when the first URL is made: it knows its addresses once it listens.</param>
    /// <exception cref="StartupException">It is missing, or none.</exception>
    public static MediaAddress Read(MediaUrlOptions options, IHostEnvironment environment, Func<IServer> server)
    {
        if (options.PublicBaseUrl is not { Length: > 0 } url)
        {
            return environment.IsDevelopment() ? new MediaAddress(() => Own(server()))
                : throw new StartupException($"Media:PublicBaseUrl is missing, and URLs of videos begin with it in {environment.EnvironmentName}. Set Media__PublicBaseUrl to where browsers reach the fronts, such as https://video.example.com.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)
            || uri.UserInfo.Length > 0 || url.AsSpan().ContainsAny('?', '#') || url.Contains(".mp4", StringComparison.Ordinal))
        {
            // Not told: it may have a password in it.
            throw new StartupException("Media:PublicBaseUrl is no address such as https://video.example.com: http or https, without a query, a name or \".mp4\", which pages replace.");
        }

        return new MediaAddress(() => uri.GetLeftPart(UriPartial.Path).TrimEnd('/'));
    }

    private static string Own(IServer server)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
            ?? throw new InvalidOperationException("The server listens nowhere, so there are no URLs of videos. Set Media:PublicBaseUrl.");
        var binding = BindingAddress.Parse(address);
        // Any address of this machine is none that a browser can go to.
        return binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? $"{binding.Scheme}://localhost:{binding.Port}" : address.TrimEnd('/');
    }
}
