using System.Diagnostics.Metrics;

namespace Streaming.Users;

/// <summary>Metrics of this silo's password hashing: meter <c>Streaming.Accounts</c>.</summary>
internal sealed class PasswordMetrics
{
    public const string MeterName = "Streaming.Accounts";
    public const string DurationName = "streaming.passwords.duration";

    private readonly Meter meter;
    private readonly Histogram<double> wait;
    private readonly Histogram<double> duration;
    private readonly Counter<long> refused;

    public PasswordMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        wait = meter.CreateHistogram<double>("streaming.passwords.wait", "s", "Time that a password waited for a thread.", tags: null, HistogramAdvice.Seconds);
        duration = meter.CreateHistogram<double>(DurationName, "s", "Time of hashing one password.", tags: null, HistogramAdvice.Seconds);
        refused = meter.CreateCounter<long>("streaming.passwords.refused", "{password}", "Passwords that were not hashed: too many waited, or it waited too long.");
        refused.Add(0);
    }

    public void Observe(Func<int> waiting) =>
        meter.CreateObservableGauge("streaming.passwords.waiting", waiting, "{password}", "Passwords that wait for a thread.");

    public void Began(TimeSpan waited) => wait.Record(waited.TotalSeconds);

    public void Ended(TimeSpan taken) => duration.Record(taken.TotalSeconds);

    public void Refused() => refused.Add(1);
}
