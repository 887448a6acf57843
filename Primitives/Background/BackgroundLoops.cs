using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Streaming;

/// <summary>
/// All background loops of this program. Metrics: meter <c>Streaming.Background</c>, each measurement with the loop's name
/// as <c>streaming.background.loop</c>.
/// </summary>
public sealed class BackgroundLoops
{
    public const string MeterName = "Streaming.Background";
    private const string LoopTag = "streaming.background.loop";

    private readonly Lock gate = new();
    private readonly List<PeriodicLoop> loops = [];
    private readonly TimeProvider time;
    private readonly CancellationToken programStopping;
    private readonly Counter<long> failures;

    public BackgroundLoops(IMeterFactory meters, TimeProvider time, IHostApplicationLifetime? program = null)
    {
        (this.time, programStopping) = (time, program?.ApplicationStopping ?? default);
        var meter = meters.Create(MeterName);
        failures = meter.CreateCounter<long>("streaming.background.failures", "{round}", "Rounds of a background loop that failed, by streaming.background.loop; the loop goes on.");
        meter.CreateObservableGauge("streaming.background.last_success", () => Measure(loop => loop.SinceSuccess.TotalSeconds), "s", "Time since a round of a background loop ended well last, or since the loop began, by streaming.background.loop.");
        meter.CreateObservableGauge("streaming.background.late", () => Measure(loop => loop.State.IsLate ? 1L : 0L), "{loop}", "1 while the rounds of a background loop have failed or hung for too long, else 0, by streaming.background.loop.");
    }

    /// <summary>The loops that run, by name.</summary>
    public IReadOnlyList<LoopState> List() => [.. Running().Select(loop => loop.State).OrderBy(state => state.Name, StringComparer.Ordinal)];

    /// <param name="round">
    /// Does the work once. Its token ends with the loop's or with the round's time; whatever it throws is a failure of this
    /// round alone.
    /// </param>
    /// <param name="failed">
    /// Logs the number of rounds that have failed since it was last called, and the latest failure: of the first one at once, of
    /// the others now and then, of those during the program's stop never. Null for a line that names the loop.
    /// </param>
    public PeriodicLoop Create(LoopSchedule schedule, Func<CancellationToken, Task> round, ILogger logger, Action<int, Exception>? failed = null) =>
        new(schedule, round, this, time, logger, failed);

    /// <summary>
    /// For failures that are tried again. Silent once the program stops: what it needs may stop with it, and work that is left
    /// undone is reported by whoever leaves it.
    /// </summary>
    public ThrottledWarning CreateWarning(Action<int, Exception> log) => new(time, log, programStopping);

    internal void Began(PeriodicLoop loop)
    {
        // What rises for the first time must be seen to rise.
        failures.Add(0, KeyValuePair.Create<string, object?>(LoopTag, loop.Name));
        lock (gate)
            loops.Add(loop);
    }

    internal void Ended(PeriodicLoop loop)
    {
        lock (gate)
            loops.Remove(loop);
    }

    internal void Failed(PeriodicLoop loop) => failures.Add(1, KeyValuePair.Create<string, object?>(LoopTag, loop.Name));

    private PeriodicLoop[] Running()
    {
        lock (gate)
            return [.. loops];
    }

    private IEnumerable<Measurement<T>> Measure<T>(Func<PeriodicLoop, T> value)
        where T : struct =>
        Running().Select(loop => new Measurement<T>(value(loop), KeyValuePair.Create<string, object?>(LoopTag, loop.Name)));
}
