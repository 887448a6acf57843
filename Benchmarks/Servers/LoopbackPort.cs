using System.Net;
using System.Net.Sockets;

namespace Streaming.Benchmarks.Servers;

internal static class LoopbackPort
{
    /// <summary>A port that is free now; between this call and the child's own bind another process could take it.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
