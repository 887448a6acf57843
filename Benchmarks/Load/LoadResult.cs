namespace Streaming.Benchmarks.Load;

/// <summary>One timed run: <paramref name="Rate"/> is 2xx answers a second, <paramref name="Refused"/> counts the other statuses.</summary>
internal sealed record LoadResult(
    double Rate,
    long Acknowledged,
    IReadOnlyDictionary<int, long> Refused,
    long Unanswered,
    TimeSpan Median,
    TimeSpan P99)
{
    /// <summary>Of all that failed, those that were sent after the run's <see cref="LoadMark"/>.</summary>
    public long FailedLater { get; init; }

    public long Failed => Refused.Values.Sum() + Unanswered;

    public string Failures
    {
        get
        {
            var statuses = string.Join(", ", Refused.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value:N0}"));
            var refused = statuses.Length == 0 ? "non-2xx 0" : $"non-2xx {Refused.Values.Sum():N0} ({statuses})";
            return Unanswered == 0 ? refused : $"{refused}, unanswered {Unanswered:N0}";
        }
    }

    public override string ToString() =>
        $"{Rate:N0}/s p50 {Median.TotalMilliseconds:N2} ms p99 {P99.TotalMilliseconds:N2} ms {Failures}";
}
