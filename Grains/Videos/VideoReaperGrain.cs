using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Videos;

/// <summary>
/// Every step may be repeated, and is, by whoever takes the row when it is due again: also when another activation lives
/// for a moment, or the silo dies between two steps.
/// </summary>
// The name under which reminders were registered.
[GrainType("videokeeper")]
internal sealed partial class VideoReaperGrain : Grain, IVideoReaperGrain, IRemindable
{
    private const string ReminderName = "sweep";
    private const int BatchSize = 100;
    private const int MaxBatches = 20;
    private const int AtOnce = 4;

    // A second way to be woken, beside the calls of every silo.
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SweepTimeout = TimeSpan.FromMinutes(1);

    private readonly IVideoRemovalStore rows;
    private readonly IMediaStore media;
    private readonly VideoChangeNotifier changes;
    private readonly VideoOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ThrottledWarning notRemoved;
    private bool isReminded;

    public VideoReaperGrain(
        IVideoRemovalStore rows, IMediaStore media, VideoChangeNotifier changes, IOptions<VideoOptions> options, TimeProvider time, ILogger<VideoReaperGrain> logger)
    {
        (this.rows, this.media, this.changes, this.options, this.time, this.logger) = (rows, media, changes, options.Value, time, logger);
        notRemoved = new ThrottledWarning(time, (count, e) => LogNotRemoved(logger, count, e));
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(options.SweepSeconds);
        // Keeps the activation: a sweep is its only work.
        this.RegisterGrainTimer(
            static (grain, ct) => grain.SweepOrWarnAsync(ct), this, new GrainTimerCreationOptions(TimeSpan.Zero, interval) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task StartAsync()
    {
        if (isReminded)
            return;

        await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
        isReminded = true;
    }

    /// <summary>Being active is all that it is for.</summary>
    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task SweepOrWarnAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(SweepTimeout);
        try
        {
            await SweepAsync(giveUp.Token);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The silo stops. What was taken and not done is due again.
        }
        catch (Exception e)
        {
            LogNotSwept(logger, e);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxBatches; i++)
        {
            var now = time.GetUtcNow();
            var due = await rows.TakeDueAsync(now, now.AddSeconds(options.RetrySeconds), BatchSize, cancellationToken);
            await changes.NotifyAsync(due.Select(video => video.VideoId));
            var failures = 0;
            foreach (var some in due.Chunk(AtOnce))
                failures += (await Task.WhenAll(some.Select(video => TryRemoveAsync(video, cancellationToken)))).Count(isRemoved => !isRemoved);

            // A store that is away is left alone until the next sweep.
            if (due.Count < BatchSize || failures > BatchSize / 2)
                return;
        }
    }

    private async Task<bool> TryRemoveAsync(DueVideo video, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(RemovalTimeout);
        try
        {
            await media.DeleteAsync(video.VideoId, giveUp.Token);
            if (video is { WasUploading: true, WasLookedAt: false })
                await rows.LookAgainAsync(video.VideoId, time.GetUtcNow().AddSeconds(options.SecondLookSeconds), giveUp.Token);
            else
                await rows.RemoveAsync(video.VideoId, giveUp.Token);

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            notRemoved.Report(e);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The media of {Count} videos could not be removed; it is tried again later.")]
    private static partial void LogNotRemoved(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "What media are to be removed could not be read; the next sweep tries again.")]
    private static partial void LogNotSwept(ILogger logger, Exception exception);
}
