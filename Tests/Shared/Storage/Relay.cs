using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.Storage;

/// <summary>A port that passes one connection on to a server: a test decides when the server begins to listen there.</summary>
internal sealed class Relay(int port, string host, int serverPort) : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, port);

    /// <summary>Listens, and then passes on until both sides have closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        listener.Start();
        using var client = await listener.AcceptTcpClientAsync(cancellationToken);
        using var server = new TcpClient();
        await server.ConnectAsync(host, serverPort, cancellationToken);
        await Task.WhenAll(PassAsync(client, server, cancellationToken), PassAsync(server, client, cancellationToken));
    }

    public void Dispose() => listener.Dispose();

    private static async Task PassAsync(TcpClient from, TcpClient to, CancellationToken cancellationToken)
    {
        await from.GetStream().CopyToAsync(to.GetStream(), cancellationToken);
        to.Client.Shutdown(SocketShutdown.Send);
    }
}
