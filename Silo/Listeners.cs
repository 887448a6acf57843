using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;

namespace Streaming.Silo;

/// <summary>The HTTP addresses that a program listens on.</summary>
/// <param name="Addresses">Those that can be.</param>
/// <param name="Errors">What is wrong with the others, one line each.</param>
public sealed record Listeners(IReadOnlyList<BindingAddress> Addresses, IReadOnlyList<string> Errors)
{
    /// <summary>Of what does not listen.</summary>
    public static readonly Listeners None = new([], []);

    private const string UrlsVariable = "ASPNETCORE_URLS";

    /// <summary>
    /// Tries the addresses before anything else starts: a silo that joins and then fails to listen helps nobody.
    /// </summary>
    /// <exception cref="StartupException">A port is taken or may not be used.</exception>
    public void CheckFree(IServer server)
    {
        // A test server listens nowhere.
        if (server.GetType().Namespace?.Contains("Kestrel", StringComparison.Ordinal) != true)
            return;

        foreach (var address in Addresses)
        {
            if (FindTaken(address) is { } reason)
                throw new StartupException(reason);
        }
    }

    /// <summary>Why it cannot be listened on; null where it can.</summary>
    internal static string? FindTaken(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
            return null;

        var ip = IPAddress.TryParse(address.Host, out var parsed) ? parsed : IsLocalhost(address.Host) ? IPAddress.Loopback : IPAddress.Any;
        return FindTaken(new IPEndPoint(ip, address.Port), address.ToString(), UrlsVariable);
    }

    /// <param name="setting">What names another one.</param>
    internal static string? FindTaken(IPEndPoint endPoint, string address, string setting)
    {
        try
        {
            using var listener = new TcpListener(endPoint);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return $"Cannot listen on {address}: {(e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is taken" : e.Message)}. Stop the other program, or choose another address with {setting}.";
        }
    }

    /// <summary>Addresses with the name of the setting that they come from.</summary>
    internal static List<(string Text, string Setting)> Configured(IConfiguration configuration, string defaultUrls)
    {
        // Kestrel lets endpoints of its own section win over all other addresses.
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .SelectMany(endpoint => Split(endpoint["Url"]).Select(url => (url, $"{endpoint.Path}:Url")))
            .ToList();
        if (endpoints.Count > 0)
            return endpoints;

        if (configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls)
            return [.. Split(urls).Select(url => (url, UrlsVariable))];

        var ports = Ports(WebHostDefaults.HttpPortsKey, "http").Concat(Ports(WebHostDefaults.HttpsPortsKey, "https")).ToList();
        return ports.Count > 0 ? ports : [.. Split(defaultUrls).Select(url => (url, UrlsVariable))];

        IEnumerable<(string, string)> Ports(string key, string scheme) =>
            Split(configuration[key]).Select(port => ($"{scheme}://*:{port}", $"ASPNETCORE_{key.ToUpperInvariant()}"));
    }

    /// <summary>What is right and what is wrong of them.</summary>
    internal static Listeners Read(List<(string Text, string Setting)> configured, string defaultUrls)
    {
        var addresses = new List<BindingAddress>();
        var errors = new List<string>();
        foreach (var (text, setting) in configured)
        {
            if (TryParse(text) is not { } address)
                errors.Add(Error(text, setting, "it is no address"));
            else if (Refuse(address) is { } reason)
                errors.Add(Error(text, setting, reason));
            else
                addresses.Add(address);
        }

        if (configured.Count == 0)
            errors.Add($"{UrlsVariable} names no address. Correct it to one such as {defaultUrls}, or leave it out.");

        return new Listeners(addresses, errors);

        string Error(string text, string setting, string reason) =>
            $"{setting}: cannot listen on '{text}': {reason}. Correct it, say to {defaultUrls}.";
    }

    private static BindingAddress? TryParse(string text)
    {
        try
        {
            return BindingAddress.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Null for an address that the server takes for what it says: a host that it cannot read it takes for every interface.</summary>
    private static string? Refuse(BindingAddress address)
    {
        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) && !address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return "it must begin with http:// or https://";

        if (address.IsUnixPipe)
            return Directory.Exists(Path.GetDirectoryName(address.UnixPipePath)) ? null : "the folder of the socket does not exist";

        if (address.IsNamedPipe)
            return OperatingSystem.IsWindows() ? null : "there are no named pipes on this system";

        if (address.PathBase.Length > 0)
            return "an address to listen on has no path";

        if (!IsHost(address.Host))
            return $"'{address.Host}' is neither an IP address (IPv6 in brackets) nor a name";

        return address.Port is < 0 or > IPEndPoint.MaxPort
            ? string.Create(CultureInfo.InvariantCulture, $"the port must be a whole number between 0 and {IPEndPoint.MaxPort}")
            : null;
    }

    private static bool IsHost(string host) =>
        host is "*" or "+"
        || (host.Contains(':', StringComparison.Ordinal) ? host is ['[', .., ']'] && IPAddress.TryParse(host, out _) : IPAddress.TryParse(host, out _) || IsName(host));

    private static bool IsName(string host) =>
        host.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.') && host.Any(letter => char.IsAsciiLetter(letter));

    private static bool IsLocalhost(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
}

public static class ListenersExtensions
{
    /// <summary>
    /// Sets the default address where nothing else is configured. Not in appsettings.json, which would win over ASPNETCORE_URLS.
    /// </summary>
    public static Listeners UseConfiguredUrls(this WebApplicationBuilder builder, string defaultUrls)
    {
        var configured = Listeners.Configured(builder.Configuration, defaultUrls);
        if (!configured.Exists(address => address.Setting.StartsWith("Kestrel:", StringComparison.OrdinalIgnoreCase)))
            builder.WebHost.UseUrls(string.Join(';', configured.Select(address => address.Text)));

        return Listeners.Read(configured, defaultUrls);
    }

    /// <summary>Tells what is wrong with the addresses together with all other settings.</summary>
    public static void CheckListeners(this SettingsCheck settings, Listeners listeners)
    {
        foreach (var error in listeners.Errors)
            settings.Rule(() => throw new StartupException(error));
    }
}
