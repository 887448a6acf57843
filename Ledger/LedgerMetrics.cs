using System.Diagnostics.Metrics;

namespace Streaming.Ledger;

/// <summary>Metrics of this silo's view ledger: meter <c>Streaming.Ledger</c>.</summary>
public sealed class LedgerMetrics
{
    public const string MeterName = "Streaming.Ledger";

    private readonly Meter meter;
    private readonly Counter<long> acknowledged;
    private readonly Counter<long> refused;
    private readonly Histogram<double> appendDuration;
    private readonly Histogram<long> batchEntries;
    private readonly Histogram<double> applyDuration;
    private readonly Counter<long> recovered;
    private readonly Counter<long> quarantined;

    public LedgerMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        acknowledged = meter.CreateCounter<long>("streaming.ledger.acknowledged", "{view}", "Views whose batch was committed to the journal; repeated keys included.");
        refused = meter.CreateCounter<long>("streaming.ledger.refused", "{batch}", "Batches of which nothing was recorded.");
        appendDuration = meter.CreateHistogram<double>("streaming.ledger.append.duration", "s", "Time of one append to the journal, which an acknowledgement waits for.", tags: null, HistogramAdvice.Seconds);
        batchEntries = meter.CreateHistogram<long>("streaming.ledger.batch.entries", "{entry}", "Journal entries of one batch.", tags: null, HistogramAdvice.Counts);
        applyDuration = meter.CreateHistogram<double>("streaming.ledger.apply.duration", "s", "Time of one apply step that had something to do.", tags: null, HistogramAdvice.Seconds);
        recovered = meter.CreateCounter<long>("streaming.ledger.recovered", "{entry}", "Journal entries of dead writers that this silo applied.");
        quarantined = meter.CreateCounter<long>("streaming.ledger.quarantined", "{row}", "Journal rows that were set aside, whole or in part: look at view_journal_quarantine.");
        // What rises for the first time must be seen to rise.
        foreach (var counter in (Counter<long>[])[acknowledged, refused, recovered, quarantined])
            counter.Add(0);
    }

    internal void Observe(JournalApplier applier, long maxUnapplied)
    {
        meter.CreateObservableGauge("streaming.ledger.journal.depth", () => applier.Unapplied, "{entry}", "Journal entries of this silo that are not applied yet; at Ledger:MaxUnappliedEntries requests are answered 503.");
        meter.CreateObservableGauge("streaming.ledger.journal.limit", () => maxUnapplied, "{entry}", "Ledger:MaxUnappliedEntries of this silo.");
        meter.CreateObservableGauge("streaming.ledger.apply.lag", () => applier.Lag.TotalSeconds, "s", "For how long the oldest journal entry that is not applied has waited.");
    }

    internal void Appended(BatchBuilder batch, TimeSpan duration)
    {
        appendDuration.Record(duration.TotalSeconds);
        batchEntries.Record(batch.Entries);
        acknowledged.Add(batch.Views);
    }

    internal void Refused() => refused.Add(1);

    internal void Applied(AppliedViews step, TimeSpan duration)
    {
        if (step.Batches > 0)
            applyDuration.Record(duration.TotalSeconds);

        quarantined.Add(step.Quarantined);
    }

    internal void Recovered(AppliedViews step)
    {
        recovered.Add(step.Entries);
        quarantined.Add(step.Quarantined);
    }
}
