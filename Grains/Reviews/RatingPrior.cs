namespace Streaming.Reviews;

/// <summary>The prior of the weighted rating: the mean over all reviews, read now and then, one read at a time a silo.</summary>
internal sealed class RatingPrior(IReviewStore store, TimeProvider time) : IDisposable
{
    /// <summary>m of the weighted rating: with so many reviews a title's own mean counts half.</summary>
    private const double Weight = 10;

    /// <summary>C where there are no reviews: the middle of the scale.</summary>
    private const double MeanOfNothing = 5.5;

    /// <summary>How old the overall mean, and what was made from it, may grow.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim reading = new(1, 1);
    private double mean;
    private DateTimeOffset readAt = DateTimeOffset.MinValue;

    /// <summary>Summary of a title's ratings; the formula stands at <see cref="RatingSummary"/>.</summary>
    public async Task<RatingSummary> SummariseAsync(RatingTotals totals)
    {
        var overall = await GetMeanAsync();
        double? own = totals.Count == 0 ? null : Math.Round(totals.Sum / totals.Count, 2);
        var weighted = (totals.Sum + (Weight * overall)) / (totals.Count + Weight);
        return new RatingSummary(totals.Count, own, Math.Round(weighted, 2), Weight, Math.Round(overall, 2));
    }

    public void Dispose() => reading.Dispose();

    private async Task<double> GetMeanAsync()
    {
        if (!await reading.WaitAsync(MaxWait))
        {
            throw new StoreUnavailableException(
                "The mean over all reviews cannot be read now.", new TimeoutException($"Another reading has not ended within {MaxWait.TotalSeconds:0} s."));
        }

        try
        {
            if (time.GetUtcNow() - readAt > Lifetime)
            {
                var totals = await store.GetOverallTotalsAsync(CancellationToken.None);
                mean = totals.Count == 0 ? MeanOfNothing : totals.Sum / totals.Count;
                readAt = time.GetUtcNow();
            }

            return mean;
        }
        finally
        {
            reading.Release();
        }
    }
}
