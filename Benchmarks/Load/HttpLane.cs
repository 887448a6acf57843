using System.Net;
using System.Net.Sockets;

namespace Streaming.Benchmarks.Load;

/// <summary>One connection for requests now and then: opened again when it was closed, and with a time-out for each answer.</summary>
internal sealed class HttpLane(int port) : IDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    private readonly ResponseReader _reader = new();
    private Socket? _socket;

    public int? RetryAfter => _reader.RetryAfter;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _socket?.Dispose();
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
    }

    /// <returns>The status; 0 when there was no whole answer in time.</returns>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        try
        {
            if (_socket is null)
                await OpenAsync(limit.Token);

            while (!request.IsEmpty)
                request = request[await _socket!.SendAsync(request, SocketFlags.None, limit.Token)..];

            _reader.Reset();
            int received;
            do
            {
                received = await _socket!.ReceiveAsync(_reader.Free, SocketFlags.None, limit.Token);
                if (received == 0)
                    throw new InvalidDataException("The connection was closed before the answer was complete.");
            }
            while (!_reader.Take(received));

            if (_reader.ClosesConnection)
                Close();
            return _reader.Status;
        }
        catch (Exception e) when (e is SocketException or InvalidDataException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            Close();
            return 0;
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }
}
