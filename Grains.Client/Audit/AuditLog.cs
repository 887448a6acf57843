using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streaming.Users;

namespace Streaming.Audit;

/// <summary>
/// Entries wait in a bounded queue; one loop sends them to the log's grain in batches, and a batch that failed again,
/// under the same ids, until it is there. Metrics: meter <c>Streaming.Audit</c>.
/// </summary>
internal sealed partial class AuditLog : IAuditLog, IHostedService, IDisposable
{
    public const string MeterName = "Streaming.Audit";
    public const int Capacity = 10_000;
    public const int MaxBatch = 500;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(3);
    private static readonly Exception Full = new InvalidOperationException("The queue is full.");

    private readonly Channel<LogEntry> queue = Channel.CreateBounded<LogEntry>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource givingUp = new();
    private readonly PeriodicLoop loop;
    private readonly IGrainFactory grains;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ThrottledWarning failures;
    private readonly ThrottledWarning drops;
    private readonly Counter<long> written;
    private readonly Counter<long> dropped;
    private readonly Lock gate = new();
    private Task? stop;
    private ImmutableArray<LogEntry> batch = [];
    private volatile int sending;

    public AuditLog(IGrainFactory grains, BackgroundLoops loops, IMeterFactory meters, TimeProvider time, ILogger<AuditLog> logger)
    {
        (this.grains, this.time, this.logger) = (grains, time, logger);
        failures = new ThrottledWarning(time, (count, latest) => LogFailed(logger, count, latest));
        loop = loops.Create(new LoopSchedule("audit_log", FlushInterval) { FirstPause = RetryPause }, _ => SendNextAsync(), logger, (count, latest) => LogFailed(logger, count, latest));
        drops = new ThrottledWarning(time, (count, _) => LogDropped(logger, count));
        var meter = meters.Create(MeterName);
        written = meter.CreateCounter<long>("streaming.audit.written", "{entry}", "Audit entries that are on disk.");
        dropped = meter.CreateCounter<long>("streaming.audit.dropped", "{entry}", "Audit entries that were lost, since too many waited or the program stopped.");
        written.Add(0);
        dropped.Add(0);
        meter.CreateObservableGauge("streaming.audit.queue", () => Waiting, "{entry}", "Audit entries that are not on disk yet.");
    }

    public int Waiting => queue.Reader.Count + sending;

    public void Write(string actionType, string serviceName, string description, Guid? userId, Guid? aboutId = null)
    {
        if (!queue.Writer.TryWrite(LogEntry.Create(actionType, serviceName, description, userId, isClientReported: false, time, aboutId)))
        {
            dropped.Add(1);
            drops.Report(Full);
        }
        else if (queue.Reader.Count >= MaxBatch)
        {
            loop.Wake();
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop.Start();
        return Task.CompletedTask;
    }

    /// <summary>Sends what waits, for a few seconds at most. Called again it waits for the first.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
            return stop ??= StopOnceAsync(cancellationToken);
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        givingUp.CancelAfter(StopTimeout);
        using var impatient = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), givingUp);
        await loop.StopAsync(givingUp.Token);
        while (Waiting > 0 && !givingUp.IsCancellationRequested)
        {
            try
            {
                await SendNextAsync();
            }
            catch (Exception e)
            {
                failures.Report(e);
                await Task.Delay(RetryPause, time, givingUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        if (Waiting is var lost and > 0)
        {
            dropped.Add(lost);
            LogLost(logger, lost);
        }
    }

    public void Dispose()
    {
        givingUp.Dispose();
    }

    /// <summary>
    /// Sends one batch; one that failed goes again, unchanged. A call whose outcome is unknown may be repeated: entries that are
    /// there change nothing. A stop of the loop does not interrupt it.
    /// </summary>
    private async Task SendNextAsync()
    {
        if (batch.IsEmpty)
            batch = TakeBatch();

        if (batch.IsEmpty)
            return;

        await grains.GetGrain<ILogGrain>(0).WriteAsync(Unnamed(batch)).WaitAsync(CallTimeout, time, givingUp.Token);
        written.Add(batch.Length);
        batch = [];
        sending = 0;
        if (queue.Reader.Count >= MaxBatch)
            loop.Wake();
    }

    private ImmutableArray<LogEntry> TakeBatch()
    {
        var taken = ImmutableArray.CreateBuilder<LogEntry>(MaxBatch);
        while (taken.Count < MaxBatch && queue.Reader.TryRead(out var entry))
        {
            // Before the next is read, or what waits would be told too low.
            taken.Add(entry);
            sending = taken.Count;
        }

        return taken.ToImmutable();
    }

    /// <summary>What has waited for so long that the store cannot tell any more whether its people are gone names nobody.</summary>
    private ImmutableArray<LogEntry> Unnamed(ImmutableArray<LogEntry> entries)
    {
        var before = time.GetUtcNow() - AccountOptions.BlockLifetime;
        return entries[0].CreatedAt >= before ? entries
            : [.. entries.Select(entry => entry.CreatedAt >= before ? entry : entry with { UserId = null, AboutId = null, Description = "" })];
    }

    [LoggerMessage(LogLevel.Warning, "The audit log could not be written {Count} times and will be tried again; this is the latest failure.")]
    private static partial void LogFailed(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Count} audit entries were dropped, because too many wait to be written.")]
    private static partial void LogDropped(ILogger logger, int count);

    [LoggerMessage(LogLevel.Error, "{Count} audit entries were lost at the stop, because they could not be written.")]
    private static partial void LogLost(ILogger logger, int count);
}
