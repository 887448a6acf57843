using System.Diagnostics;
using System.Net.Sockets;

namespace Streaming.Benchmarks.Load;

/// <summary>A closed loop: each connection sends its next request as soon as the last one is answered.</summary>
internal static class LoadGenerator
{
    private static readonly TimeSpan StuckSweep = TimeSpan.FromSeconds(1);

    public static async Task<LoadResult> RunAsync(LoadPlan plan, int connections, TimeSpan duration, CancellationToken cancellationToken, LoadMark? mark = null)
    {
        var lanes = Enumerable.Range(0, connections).Select(i => new LoadConnection(plan, PlaceOf(i, plan, connections))).ToArray();
        return await RunAsync(lanes, plan.Port, duration, mark, cancellationToken);
    }

    /// <summary>Sends the whole order once.</summary>
    /// <exception cref="BenchmarkException">A request failed, or it took longer than <paramref name="limit"/>.</exception>
    public static async Task OnceAsync(LoadPlan plan, int connections, TimeSpan limit, CancellationToken cancellationToken)
    {
        var lanes = Enumerable.Range(0, connections)
            .Select(i => (From: PlaceOf(i, plan, connections), To: PlaceOf(i + 1, plan, connections)))
            .Select(part => new LoadConnection(plan, part.From, part.To - part.From))
            .ToArray();
        var result = await RunAsync(lanes, plan.Port, limit, mark: null, cancellationToken);
        if (result.Acknowledged < plan.Order.Length)
            throw new BenchmarkException($"only {result.Acknowledged:N0} of {plan.Order.Length:N0} requests were answered with 2xx within {limit.TotalSeconds:N0} s, {result.Failures}");
    }

    private static int PlaceOf(int lane, LoadPlan plan, int connections) => (int)((long)lane * plan.Order.Length / connections);

    private static async Task<LoadResult> RunAsync(
        LoadConnection[] lanes, int port, TimeSpan duration, LoadMark? mark, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(lanes, port, cancellationToken);
            var meter = new LoadMeter(Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency), mark);
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
