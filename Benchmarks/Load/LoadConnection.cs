using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Streaming.Benchmarks.Load;

/// <summary>
/// One keep-alive connection with one outstanding request; walks the plan's order from its own place, until the run's deadline
/// or for so many requests.
/// </summary>
internal sealed class LoadConnection(LoadPlan plan, int position, int requests = int.MaxValue) : IDisposable
{
    private const int MaxReopens = 5;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMilliseconds(10);

    private readonly ResponseReader _reader = new();
    private Socket? _socket;
    private int _position = position;
    private long _sent;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _socket?.Dispose();
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerTimeout);
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, plan.Port), limit.Token);
    }

    public async Task RunAsync(LoadMeter meter, CancellationToken cancellationToken)
    {
        var reopens = 0;
        for (var left = requests; left > 0 && !cancellationToken.IsCancellationRequested; left--)
        {
            var sent = Stopwatch.GetTimestamp();
            if (sent >= meter.Deadline)
                break;

            try
            {
                Volatile.Write(ref _sent, sent);
                await ExchangeAsync(_socket!, NextRequest());
                Volatile.Write(ref _sent, 0);
                meter.Answered(_reader.Status, sent, Stopwatch.GetTimestamp());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidDataException)
            {
                Volatile.Write(ref _sent, 0);
                meter.Unanswered(sent);
                if (++reopens > MaxReopens || !await TryReopenAsync(cancellationToken))
                    break;
                continue;
            }

            if (_reader.Status is < 200 or > 299)
                await Task.Delay(PauseAfterRefusal, CancellationToken.None);
            if (_reader.ClosesConnection && !await TryReopenAsync(cancellationToken))
                break;
        }
    }

    /// <summary>
    /// Breaks a wait that is over its limit: the pending call then fails. One sweep over all connections is cheaper
    /// than a timer a request.
    /// </summary>
    public void CloseIfStuck()
    {
        var sent = Volatile.Read(ref _sent);
        if (sent != 0 && Stopwatch.GetElapsedTime(sent) > AnswerTimeout)
            _socket?.Dispose();
    }

    public void Dispose() => _socket?.Dispose();

    // Nearly every receive waits, so the pooled builder saves one allocation a request.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ExchangeAsync(Socket socket, ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
            request = request[await socket.SendAsync(request, SocketFlags.None)..];

        _reader.Reset();
        int received;
        do
        {
            received = await socket.ReceiveAsync(_reader.Free, SocketFlags.None);
            if (received == 0)
                throw new InvalidDataException("The connection was closed before the answer was complete.");
        }
        while (!_reader.Take(received));
    }

    private byte[] NextRequest()
    {
        var request = plan.Requests[plan.Order[_position]];
        if (++_position == plan.Order.Length)
            _position = 0;
        return request;
    }

    private async Task<bool> TryReopenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
