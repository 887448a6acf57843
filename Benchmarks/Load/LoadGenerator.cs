using System.Diagnostics;
using System.Net.Sockets;

namespace Streaming.Benchmarks.Load;

/// <summary>A closed loop: each connection sends its next request as soon as the last one is answered.</summary>
internal static class LoadGenerator
{
    private static readonly TimeSpan StuckSweep = TimeSpan.FromSeconds(1);

    public static async Task<LoadResult> RunAsync(LoadPlan plan, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var lanes = Enumerable.Range(0, connections)
            .Select(i => new LoadConnection(plan, (int)((long)i * plan.Order.Length / connections)))
            .ToArray();
        try
        {
            await OpenAsync(lanes, plan.Port, cancellationToken);
            var meter = new LoadMeter(Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency));
            var load = Task.WhenAll(lanes.Select(lane => lane.RunAsync(meter, cancellationToken)));
            while (await Task.WhenAny(load, Task.Delay(StuckSweep, cancellationToken)) != load)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Array.ForEach(lanes, lane => lane.CloseIfStuck());
            }

            await load;
            cancellationToken.ThrowIfCancellationRequested();
            return meter.Result(duration);
        }
        finally
        {
            Array.ForEach(lanes, lane => lane.Dispose());
        }
    }

    private static async Task OpenAsync(LoadConnection[] lanes, int port, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(lanes.Select(lane => lane.OpenAsync(cancellationToken)));
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new BenchmarkException($"cannot open {lanes.Length:N0} connections to 127.0.0.1:{port}: {e.Message}");
        }
    }
}
