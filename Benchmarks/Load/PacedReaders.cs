using System.Diagnostics;

namespace Streaming.Benchmarks.Load;

/// <summary>Requests by the clock, a bounded number each second, whether the server is quick or slow.</summary>
internal static class PacedReaders
{
    private const int Connections = 64;

    /// <summary>Runs until <paramref name="until"/> has ended.</summary>
    public static async Task<LoadResult> RunAsync(LoadPlan plan, int rate, Task until, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var meter = new LoadMeter(long.MaxValue);
        var clock = Stopwatch.StartNew();
        var readers = Enumerable.Range(0, Connections).Select(reader => ReadAsync(plan, reader, rate, clock, meter, ended.Token)).ToArray();
        await until;
        await ended.CancelAsync();
        await Task.WhenAll(readers);
        cancellationToken.ThrowIfCancellationRequested();
        return meter.Result(clock.Elapsed);
    }

    private static async Task ReadAsync(LoadPlan plan, int reader, int rate, Stopwatch clock, LoadMeter meter, CancellationToken ended)
    {
        using var lane = new HttpLane(plan.Port);
        var interval = TimeSpan.FromSeconds((double)Connections / rate);
        var due = interval * reader / Connections;
        var position = reader * (plan.Order.Length / Connections);
        while (!ended.IsCancellationRequested)
        {
            if (due > clock.Elapsed)
                await Task.Delay(due - clock.Elapsed, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
                break;

            // One that comes late does not send what it missed.
            due = due + interval > clock.Elapsed ? due + interval : clock.Elapsed + interval;
            var request = plan.Requests[plan.Order[position++ % plan.Order.Length]];
            var sent = Stopwatch.GetTimestamp();
            var status = await lane.SendAsync(request, CancellationToken.None);
            if (status == 0)
                meter.Unanswered(sent);
            else
                meter.Answered(status, sent, Stopwatch.GetTimestamp());
        }
    }
}
