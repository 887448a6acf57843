namespace Streaming;

/// <summary>
/// For a log line that an outage would write for each request: the first failure is told at once, the others as a count
/// every five seconds.
/// </summary>
/// <param name="log">Gets the number of failures since it was last called, and the latest.</param>
/// <param name="silent">Failures after it are not logged.</param>
public sealed class ThrottledWarning(TimeProvider time, Action<int, Exception> log, CancellationToken silent = default)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private ITimer? timer;
    private int count;
    private Exception? latest;

    public void Report(Exception failure)
    {
        if (silent.IsCancellationRequested)
            return;

        lock (gate)
        {
            if (timer is not null)
            {
                count++;
                latest = failure;
                return;
            }

            // Ends with the first interval without a failure.
            timer = time.CreateTimer(static state => ((ThrottledWarning)state!).Tell(), this, Interval, Interval);
        }

        log(1, failure);
    }

    private void Tell()
    {
        int failures;
        Exception? failure;
        lock (gate)
        {
            (failures, failure) = (count, latest);
            (count, latest) = (0, null);
            if (failures == 0)
            {
                timer!.Dispose();
                timer = null;
            }
        }

        if (failure is not null)
            log(failures, failure);
    }
}
