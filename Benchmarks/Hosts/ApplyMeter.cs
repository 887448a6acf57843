using System.Diagnostics.Metrics;

namespace Streaming.Benchmarks.Hosts;

/// <summary>Adds up what the ledger of this process says of its apply steps.</summary>
internal sealed class ApplyMeter : IDisposable
{
    private const string Meter = "Streaming.Ledger";
    private const string Instrument = "streaming.ledger.apply.duration";

    private readonly MeterListener listener = new();
    private readonly Lock gate = new();
    private double seconds;
    private long steps;

    public ApplyMeter()
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == Instrument && instrument.Meter.Name == Meter)
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => Add(value));
        listener.Start();
    }

    public (double Seconds, long Steps) Sum
    {
        get
        {
            lock (gate)
                return (seconds, steps);
        }
    }

    public void Dispose() => listener.Dispose();

    private void Add(double value)
    {
        lock (gate)
        {
            seconds += value;
            steps++;
        }
    }
}
