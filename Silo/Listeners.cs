using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;

namespace Streaming.Silo;

/// <summary>The HTTP addresses that a program listens on.</summary>
public static class Listeners
{
    /// <summary>
    /// Sets the default address where nothing else is configured. Not in appsettings.json, which would win over ASPNETCORE_URLS.
    /// </summary>
    public static IReadOnlyList<BindingAddress> UseConfiguredUrls(this WebApplicationBuilder builder, string defaultUrls)
    {
        // Kestrel lets endpoints of its own section win over all other addresses.
        var configured = string.Join(';', builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]));
        if (configured.Length == 0)
        {
            configured = builder.Configuration[WebHostDefaults.ServerUrlsKey] is { Length: > 0 } urls ? urls : PortsOrDefault(builder.Configuration, defaultUrls);
            builder.WebHost.UseUrls(configured);
        }

        try
        {
            return [.. configured.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(BindingAddress.Parse)];
        }
        catch (FormatException e)
        {
            throw new StartupException($"ASPNETCORE_URLS is not a list of addresses such as {defaultUrls} ({e.Message}).", e);
        }
    }

    private static string PortsOrDefault(ConfigurationManager configuration, string defaultUrls)
    {
        var ports = Ports(WebHostDefaults.HttpPortsKey, "http").Concat(Ports(WebHostDefaults.HttpsPortsKey, "https")).ToList();
        return ports.Count == 0 ? defaultUrls : string.Join(';', ports);

        IEnumerable<string> Ports(string key, string scheme) =>
            (configuration[key] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => $"{scheme}://*:{port}");
    }

    /// <summary>
    /// Tries the addresses before anything else starts: a silo that joins and then fails to listen helps nobody.
    /// </summary>
    /// <exception cref="StartupException">A port is taken or may not be used.</exception>
    public static void CheckFree(IServer server, IEnumerable<BindingAddress> addresses)
    {
        // A test server listens nowhere.
        if (server.GetType().Namespace?.Contains("Kestrel", StringComparison.Ordinal) != true)
            return;

        foreach (var address in addresses.Where(address => address.Port != 0 && !address.IsUnixPipe && !address.IsNamedPipe))
        {
            var ip = IPAddress.TryParse(address.Host.Trim('[', ']'), out var parsed) ? parsed
                : address.Host == "localhost" ? IPAddress.Loopback : IPAddress.Any;
            try
            {
                using var listener = new TcpListener(ip, address.Port);
                listener.Start();
            }
            catch (SocketException e)
            {
                throw new StartupException(
                    $"Cannot listen on {address}: {(e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is taken" : e.Message)}. Stop the other program, or choose another address with ASPNETCORE_URLS.", e);
            }
        }
    }
}
