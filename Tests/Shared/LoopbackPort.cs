using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.Processes;

internal static class LoopbackPort
{
    // A program that is about to listen does not yet: no other test gets its port meanwhile.
    private static readonly ConcurrentDictionary<int, bool> Taken = [];

    /// <summary>
    /// A free port below those that the system gives to outgoing connections: a client that tries a port of that range
    /// again and again while nobody listens ends up connected to itself, and the port taken.
    /// </summary>
    public static int Take()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000));
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                if (Taken.TryAdd(port, true))
                    return port;
            }
            catch (SocketException)
            {
                // Taken; another one.
            }
        }

        throw new InvalidOperationException("No free port between 20000 and 32000.");
    }
}
