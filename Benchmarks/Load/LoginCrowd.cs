using System.Diagnostics;

namespace Streaming.Benchmarks.Load;

/// <summary>Clients that all log in at once, each on a connection of its own, and try again when they are told to.</summary>
internal sealed class LoginCrowd(int port, byte[][] requests)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _statuses = [];
    private long _silent;

    public int LoggedIn { get; private set; }

    /// <summary>Answers of each status; 0 are those that did not come.</summary>
    public IReadOnlyDictionary<int, long> Statuses => _statuses;

    /// <summary>Refusals that do not say when to come back.</summary>
    public long WithoutRetryAfter => _silent;

    public TimeSpan Elapsed { get; private set; }

    /// <summary>Everybody has a token, and heard nothing on the way but 429 and 503 with Retry-After.</summary>
    public bool Passed => LoggedIn == requests.Length && _silent == 0 && _statuses.Keys.All(status => status is 200 or 429 or 503);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var lanes = requests.Select(_ => new HttpLane(port)).ToArray();
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.OpenAsync(cancellationToken)));
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(lanes.Zip(requests, (lane, request) => LogInAsync(lane, request, clock, cancellationToken)));
            Elapsed = clock.Elapsed;
        }
        finally
        {
            Array.ForEach(lanes, lane => lane.Dispose());
        }
    }

    public override string ToString() =>
        $"{LoggedIn:N0} of {requests.Length:N0} logged in within {Elapsed.TotalSeconds:N1} s ({string.Join(", ", _statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value:N0}"))}{(_silent == 0 ? "" : $", without Retry-After {_silent:N0}")})";

    private async Task LogInAsync(HttpLane lane, byte[] request, Stopwatch clock, CancellationToken cancellationToken)
    {
        while (clock.Elapsed < Patience)
        {
            var status = await lane.SendAsync(request, cancellationToken);
            var wait = Count(status, lane.RetryAfter);
            if (wait is null)
                return;

            // As people come back: not all in the same moment.
            await Task.Delay(TimeSpan.FromSeconds(wait.Value * (1 + Random.Shared.NextDouble())), cancellationToken);
        }
    }

    /// <summary>Seconds to wait; null where trying again makes no sense.</summary>
    private int? Count(int status, int? retryAfter)
    {
        lock (_gate)
        {
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
            if (status == 200)
                LoggedIn++;
            if (status is not (429 or 503))
                return null;

            _silent += retryAfter is null ? 1 : 0;
            return retryAfter;
        }
    }
}
