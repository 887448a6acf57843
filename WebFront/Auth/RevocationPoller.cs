using Microsoft.Extensions.Options;
using Streaming.Users;

namespace Streaming.WebFront.Auth;

/// <summary>Keeps the front's <see cref="RevocationCache"/> as new as it has to be.</summary>
internal sealed partial class RevocationPoller(
    IGrainFactory grains, RevocationCache cache, SigningKeys keys, IOptions<AuthOptions> options, BackgroundLoops loops, TimeProvider time, ILogger<RevocationPoller> logger)
    : PeriodicService
{
    // Of an answer of 10,000 changes each.
    private const int MaxAnswers = 1_000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim gate = new(1);
    private readonly ThrottledWarning failures = loops.CreateWarning((count, latest) => LogFailure(logger, count, latest));
    private AccessVersion? version;

    public override void Dispose()
    {
        gate.Dispose();
        base.Dispose();
    }

    /// <summary>The first answer comes before the first request; without one the front starts all the same, and asks on.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _ = keys.Current;
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Asks now, after something that this front has changed; a failure is left to the next time.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, the front serves what is public, and refuses callers once it knows too little.
            failures.Report(e);
        }
    }

    protected override PeriodicLoop CreateLoop() => loops.Create(
        new LoopSchedule("access_poll", TimeSpan.FromMilliseconds(options.Value.AccessPollMilliseconds)),
        async cancellationToken =>
        {
            // First, since it makes no call.
            cache.Forget();
            await AskAsync(cancellationToken);
        },
        logger,
        (count, latest) => LogFailure(logger, count, latest));

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        if (!await gate.WaitAsync(Timeout, cancellationToken))
            throw new TimeoutException("Another question has not ended.");

        try
        {
            for (var answers = 0; answers < MaxAnswers; answers++)
            {
                var update = await grains.GetGrain<IAccessGrain>(0).GetAsync(version).WaitAsync(Timeout, time, cancellationToken);
                cache.Apply(update);
                version = update.Version;
                if (!update.HasMore)
                    return;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    [LoggerMessage(LogLevel.Warning, "What has become of accounts and sessions could not be asked {Count} times; after a minute requests that need an account are refused. This is the latest failure.")]
    private static partial void LogFailure(ILogger logger, int count, Exception exception);
}
