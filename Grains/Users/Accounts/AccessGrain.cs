using Microsoft.Extensions.Logging;

namespace Streaming.Users;

/// <summary>
/// Reads what has changed every few seconds, and at once when it is told; each answer comes from memory. Not reentrant:
/// a reading that began before a change must not answer for it.
/// </summary>
internal sealed partial class AccessGrain(
    IAccessStore access,
    ISessionStore sessions,
    TimeProvider time,
    ILogger<AccessGrain> logger) : Grain, IAccessGrain
{
    private const int PageSize = 1_000;
    // An unread store is told as a failure: fronts trust what they know for a minute, and no longer.
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(3);
    // Between failures, requests are refused at once instead of waiting in line for one more.
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(2);
    // A change carries the time at which its transaction began.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    private readonly RevocationLog log = new();
    // By the database's clock, what the store was read for; by this silo's, when it was and when that failed last.
    private DateTimeOffset? readTo;
    private DateTimeOffset readAt = DateTimeOffset.MinValue;
    private (DateTimeOffset At, Exception Exception)? failure;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        this.RegisterGrainTimer(static (grain, ct) => grain.ReadOrWarnAsync(ct), this, new GrainTimerCreationOptions(ReadInterval, ReadInterval));
        this.RegisterGrainTimer(static (grain, ct) => grain.ForgetAsync(ct), this, new GrainTimerCreationOptions(ForgetInterval, ForgetInterval));
    }

    public async Task<AccessUpdate> GetAsync(AccessVersion? after)
    {
        var now = time.GetUtcNow();
        if (now - readAt > MaxAge)
        {
            if (failure is { } last && now - last.At < FailureLifetime)
                throw new StoreUnavailableException("What has changed of accounts and sessions could not be read a moment ago.", last.Exception);

            await ReadAsync(CancellationToken.None);
        }

        return log.Since(after);
    }

    public async Task ChangedAsync()
    {
        // When this reading fails, the next request must not be answered without it.
        readAt = DateTimeOffset.MinValue;
        await ReadAsync(CancellationToken.None);
    }

    private async Task ReadOrWarnAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRead(logger, e);
        }
    }

    /// <summary>Callers wait for it together, and none of them ends it; each step of it has a time-out.</summary>
    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await WithinAsync(access.GetTimeAsync, cancellationToken);
            var oldest = now - AccountOptions.AccessChangeLifetime;
            var since = readTo - Overlap is { } overlapping && overlapping > oldest ? overlapping : oldest;
            if (readTo is null)
                await ReadPagesAsync((after, cancel) => access.ListBlockedAsync(now - AccountOptions.BlockLifetime, after, PageSize, cancel), cancellationToken);

            await ReadPagesAsync((after, cancel) => access.ListChangesAsync(since, after, PageSize, cancel), cancellationToken);
            log.SetKeys(await WithinAsync(cancel => access.ListKeysAsync(revoked: 0, cancel), cancellationToken));
            log.Forget(oldest, now - AccountOptions.BlockLifetime);
            (readTo, readAt, failure) = (now, time.GetUtcNow(), null);
        }
        catch (Exception e)
        {
            failure = (time.GetUtcNow(), e);
            throw;
        }
    }

    /// <summary>All pages, each within its time.</summary>
    private async Task ReadPagesAsync(Func<PageCursor?, CancellationToken, Task<IReadOnlyList<AccessChange>>> list, CancellationToken cancellationToken)
    {
        PageCursor? after = null;
        IReadOnlyList<AccessChange> page;
        do
        {
            page = await WithinAsync(cancel => list(after, cancel), cancellationToken);
            foreach (var change in page)
                log.Add(change);

            after = page.Count == 0 ? null : new PageCursor(page[^1].ChangedAt.UtcTicks, page[^1].Id);
        }
        while (page.Count == PageSize);
    }

    /// <summary>What no token that lives can depend on any more. The stores remove a bounded number at a time.</summary>
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await WithinAsync(access.GetTimeAsync, cancellationToken);
            var before = now - AccountOptions.AccessChangeLifetime;
            await WithinAsync(cancel => access.ForgetChangesAsync(before, now - AccountOptions.BlockLifetime, cancel), cancellationToken);
            await WithinAsync(cancel => sessions.ForgetAsync(before, cancel), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotForgotten(logger, e);
        }
    }

    private static Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) =>
        StoreTimeout.RunAsync(ReadTimeout, "Reading what has changed of accounts and sessions", step, cancellationToken);

    [LoggerMessage(LogLevel.Warning, "What has changed of accounts and sessions could not be read; the fronts refuse tokens when that lasts for a minute.")]
    private static partial void LogNotRead(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Old changes of accounts and ended sessions could not be removed; the next minute tries again.")]
    private static partial void LogNotForgotten(ILogger logger, Exception exception);
}
