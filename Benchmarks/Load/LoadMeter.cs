using System.Diagnostics;

namespace Streaming.Benchmarks.Load;

/// <summary>
/// What all connections of one run saw. Answers after the deadline do not count into the rate, but they were
/// acknowledged all the same; a request without an answer may or may not have been carried out.
/// </summary>
internal sealed class LoadMeter(long deadline, LoadMark? mark = null)
{
    private readonly LatencyHistogram _inTime = new();
    private readonly long[] _refused = new long[1000];
    private long _late;
    private long _unanswered;
    private long _failedLater;

    public long Deadline => deadline;

    public void Answered(int status, long sent, long answered)
    {
        if (status is < 200 or > 299)
        {
            Interlocked.Increment(ref _refused[status]);
            CountLater(sent);
        }
        else if (answered <= deadline)
            _inTime.Record(Stopwatch.GetElapsedTime(sent, answered));
        else
            Interlocked.Increment(ref _late);
    }

    public void Unanswered(long sent)
    {
        Interlocked.Increment(ref _unanswered);
        CountLater(sent);
    }

    public LoadResult Result(TimeSpan duration)
    {
        var refused = _refused.Index().Where(status => status.Item > 0).ToDictionary(status => status.Index, status => status.Item);
        return new LoadResult(
            _inTime.Count / duration.TotalSeconds,
            _inTime.Count + _late,
            refused,
            _unanswered,
            _inTime.Percentile(0.50),
            _inTime.Percentile(0.99))
        {
            FailedLater = _failedLater,
        };
    }

    private void CountLater(long sent)
    {
        if (mark?.IsBefore(sent) == true)
            Interlocked.Increment(ref _failedLater);
    }
}
