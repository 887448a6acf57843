using System.Diagnostics.Metrics;

namespace Streaming;

/// <summary>Bounds of what a histogram tells apart, where nobody sets others: without them one of seconds has a single bucket for all below 5 s.</summary>
public static class HistogramAdvice
{
    /// <summary>From an append to a fast disk to a call that is given up.</summary>
    public static readonly InstrumentAdvice<double> Seconds = new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    /// <summary>From one to the largest batch.</summary>
    public static readonly InstrumentAdvice<long> Counts = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] };
}
