using System.Net;
using System.Net.Sockets;

namespace Streaming.Silo;

/// <summary>Where a silo listens, and what it tells the others of it. Made, and its ports tried, before the silo joins.</summary>
internal sealed record SiloEndpoints(IPAddress Advertised, IPAddress Listening, int SiloPort, int GatewayPort)
{
    // Below the ports that the system gives to outgoing connections: whoever tries a dead silo's port of that range
    // again and again ends up connected to itself.
    private const int FirstFreePort = 20_000;
    private const int LastFreePort = 32_000;
    private const int MaxAttempts = 100;

    /// <param name="withGateway">Whether clients in other processes may connect.</param>
    /// <exception cref="StartupException">The address cannot be used, or a port is taken.</exception>
    public static SiloEndpoints Choose(ClusterOptions options, bool withGateway)
    {
        var advertised = Resolve(options.AdvertisedAddress);
        var listening = options.ListenOnAny ? advertised.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any : advertised;
        var siloPort = Take(listening, options.SiloPort, nameof(options.SiloPort), except: options.GatewayPort);
        var gatewayPort = withGateway ? Take(listening, options.GatewayPort, nameof(options.GatewayPort), except: siloPort) : 0;
        if (gatewayPort == siloPort)
            throw new StartupException($"Cluster:SiloPort and Cluster:GatewayPort are both {siloPort}. Give each a port of its own, or 0 for a free one.");

        return new SiloEndpoints(advertised, listening, siloPort, gatewayPort);
    }

    private static IPAddress Resolve(string name)
    {
        if (!IPAddress.TryParse(name, out var address))
        {
            IPAddress[] found;
            try
            {
                found = Dns.GetHostAddresses(name);
            }
            catch (Exception e) when (e is SocketException or ArgumentException)
            {
                throw new StartupException($"Cluster:AdvertisedAddress {name} is neither an address nor a name that can be resolved ({e.Message}).", e);
            }

            // Silos speak one family: IPv4 where there is one. A container in several networks has an address in each.
            var candidates = found.Where(ip => ip.AddressFamily == AddressFamily.InterNetwork).Distinct().ToArray();
            if (candidates.Length == 0)
                candidates = [.. found.Distinct()];

            address = candidates is [var only] ? only
                : throw new StartupException($"Cluster:AdvertisedAddress {name} has {candidates.Length} addresses ({string.Join(", ", candidates.AsEnumerable())}). Name the one at which the other silos reach this one.");
        }

        return address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            ? throw new StartupException($"Cluster:AdvertisedAddress {address} is no address that others can reach. Name one, and set Cluster:ListenOnAny to listen on all.")
            : address;
    }

    private static int Take(IPAddress address, int port, string key, int except)
    {
        if (port != 0)
        {
            if (Try(address, port) is { } failure)
            {
                throw new StartupException(
                    $"Cluster:{key} {port} on {address} cannot be used: {(failure.SocketErrorCode == SocketError.AddressAlreadyInUse ? "the port is taken" : failure.Message)}. Choose another, or 0 for a free one.",
                    failure);
            }

            return port;
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var candidate = Random.Shared.Next(FirstFreePort, LastFreePort);
            if (candidate != except && Try(address, candidate) is null)
                return candidate;
        }

        throw new StartupException($"No free port between {FirstFreePort} and {LastFreePort} on {address}. Set Cluster:{key}, and see Cluster:AdvertisedAddress.");
    }

    private static SocketException? Try(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }
}
