using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Benchmarks.Load;

/// <summary>Clients that upload at the same time, each on a connection of its own, one file after the other.</summary>
/// <param name="heads">Of each client's requests: <see cref="VideoForm.Head"/>.</param>
internal sealed class UploadCrowd(string name, int port, VideoForm form, byte[][] heads)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    /// <summary>The time until the last answer.</summary>
    /// <param name="files">Of each client.</param>
    /// <param name="cancellationToken">Ends them all.</param>
    /// <exception cref="BenchmarkException">One was not answered with 200: then the time says nothing.</exception>
    public async Task<TimeSpan> RunAsync(int files, CancellationToken cancellationToken)
    {
        var sockets = heads.Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }).ToArray();
        try
        {
            await Task.WhenAll(sockets.Select(socket => socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).AsTask()));
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(sockets.Zip(heads, (socket, head) => UploadAsync(socket, form.Request(head), files, cancellationToken)));
            return clock.Elapsed;
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    private async Task UploadAsync(Socket socket, ReadOnlyMemory<byte>[] request, int files, CancellationToken cancellationToken)
    {
        var reader = new ResponseReader();
        for (var i = 0; i < files; i++)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(AnswerTimeout);
            try
            {
                await ExchangeAsync(socket, request, reader, limit.Token);
            }
            catch (Exception e) when (e is SocketException or InvalidDataException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new BenchmarkException($"{name} did not answer an upload: {e.Message}");
            }

            if (reader.Status != 200)
                throw new BenchmarkException($"{name} answered an upload with {reader.Status}");
        }
    }

    private static async Task ExchangeAsync(Socket socket, ReadOnlyMemory<byte>[] request, ResponseReader reader, CancellationToken cancellationToken)
    {
        foreach (var piece in request)
        {
            for (var left = piece; !left.IsEmpty;)
                left = left[await socket.SendAsync(left, SocketFlags.None, cancellationToken)..];
        }

        reader.Reset();
        int received;
        do
        {
            received = await socket.ReceiveAsync(reader.Free, SocketFlags.None, cancellationToken);
            if (received == 0)
                throw new InvalidDataException("The connection was closed before the answer was complete.");
        }
        while (!reader.Take(received));
    }
}
