using System.Diagnostics.Metrics;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Counts the bytes that are sent to users, and tells their quotas once a second. What was certainly not counted is told
/// again; what may have been is not. Metrics: meter <c>Streaming.Media</c>.
/// </summary>
internal sealed partial class DownloadMeter : PeriodicService
{
    public const string MeterName = "Streaming.Media";

    /// <summary>Users with bytes that wait to be counted, at about 100 bytes each.</summary>
    public const int Capacity = 100_000;

    private const int Calls = 32;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan StopPause = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly Dictionary<UserDay, long> waiting = [];
    private readonly CancellationTokenSource givingUp = new();
    private Task? stop;
    private readonly GrainReferences<IQuotaGrain> quotas;
    private readonly BackgroundLoops loops;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ThrottledWarning failures;
    private readonly ThrottledWarning losses;
    private readonly Counter<long> counted;
    private readonly Counter<long> uncounted;

    public DownloadMeter(
        GrainReferences<IQuotaGrain> quotas, BackgroundLoops loops, IMeterFactory meters, TimeProvider time, ILogger<DownloadMeter> logger)
    {
        (this.quotas, this.loops, this.time, this.logger) = (quotas, loops, time, logger);
        failures = new ThrottledWarning(time, (count, latest) => LogFailed(logger, count, latest));
        losses = new ThrottledWarning(time, (count, latest) => LogUncounted(logger, count, latest));
        var meter = meters.Create(MeterName);
        counted = meter.CreateCounter<long>("streaming.media.counted", "By", "Bytes sent to users that are counted on disk.");
        uncounted = meter.CreateCounter<long>("streaming.media.uncounted", "By", "Bytes sent that perhaps nobody counted.");
        counted.Add(0);
        uncounted.Add(0);
        meter.CreateObservableGauge("streaming.media.waiting", () => Waiting, "By", "Bytes sent that wait to be counted.");
    }

    public long Waiting
    {
        get
        {
            lock (gate)
                return waiting.Values.Sum();
        }
    }

    public void Count(Guid subject, long bytes) => Add(new UserDay(subject, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime)), bytes);

    /// <summary>Tells what waits, for a few seconds at most. The cluster stops later. Called again it waits for the first.</summary>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return stop ??= StopOnceAsync(cancellationToken);
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        givingUp.CancelAfter(StopTimeout);
        using var impatient = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), givingUp);
        await base.StopAsync(cancellationToken);
        while (Waiting > 0 && !givingUp.IsCancellationRequested)
        {
            await FlushAsync(givingUp.Token);
            if (Waiting > 0)
                await Task.Delay(StopPause, time, givingUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (Waiting is var lost and > 0)
        {
            uncounted.Add(lost);
            LogLost(logger, lost);
        }
    }

    public override void Dispose()
    {
        givingUp.Dispose();
        base.Dispose();
    }

    protected override PeriodicLoop CreateLoop() => loops.Create(new LoopSchedule("download_meter", Interval), FlushAsync, logger);

    /// <summary>A round; what it has no time to begin waits for the next.</summary>
    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        UserDay[] users;
        lock (gate)
            users = [.. waiting.Keys];

        using var round = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        round.CancelAfter(RoundTimeout);
        await Parallel.ForEachAsync(
            users, new ParallelOptions { MaxDegreeOfParallelism = Calls, CancellationToken = round.Token }, async (user, _) => await ReportAsync(user))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReportAsync(UserDay user)
    {
        if (Take(user) is not (> 0 and var bytes))
            return;

        try
        {
            var status = await quotas.Get(user.Subject).CountDownloadAsync(user.Day, bytes).WaitAsync(CallTimeout, time, givingUp.Token);
            if (status == Outcome.Refused)
                Add(user, bytes);
            else
                (status == Outcome.Committed ? counted : uncounted).Add(bytes);
        }
        catch (Exception e) when (FailedCall.NeverRan(e))
        {
            failures.Report(e);
            Add(user, bytes);
        }
        catch (Exception e)
        {
            // Told again it might count twice, and nobody must pay for a failure of ours.
            Lose(bytes, e);
        }
    }

    private void Add(UserDay user, long bytes)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(user, out var before) || waiting.Count < Capacity)
            {
                waiting[user] = before + bytes;
                return;
            }
        }

        Lose(bytes, new InvalidOperationException("Too many users' bytes wait to be counted."));
    }

    private long Take(UserDay user)
    {
        lock (gate)
            return waiting.Remove(user, out var bytes) ? bytes : 0;
    }

    private void Lose(long bytes, Exception reason)
    {
        uncounted.Add(bytes);
        losses.Report(reason);
    }

    [LoggerMessage(LogLevel.Warning, "Bytes sent could not be counted {Count} times and will be told again; this is the latest failure.")]
    private static partial void LogFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Whether bytes sent were counted is unknown {Count} times; this is the latest failure.")]
    private static partial void LogUncounted(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Error, "{Bytes} bytes sent were not counted at the stop, because the cluster did not take them.")]
    private static partial void LogLost(ILogger logger, long bytes);

    private readonly record struct UserDay(Guid Subject, DateOnly Day);
}
