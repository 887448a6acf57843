namespace Streaming.Storage;

/// <summary>
/// Tries a store for health checks. A success is good for some seconds, so that one that writes does not at each question; one at a
/// time, so that a store that hangs does not collect them.
/// </summary>
internal sealed class StoreProbe(Func<CancellationToken, Task> ask, TimeProvider time)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(4);

    /// <summary>After this the question is given up, and another may be asked: not every driver watches the token in every state.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private Task? running;
    private long askedAt;
    private long? succeededAt;

    /// <summary>Throws what the store threw; waits no longer than the caller.</summary>
    public Task TryAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (succeededAt is { } at && time.GetElapsedTime(at) < GoodFor)
                return Task.CompletedTask;

            if (running is null or { IsCompleted: true } || time.GetElapsedTime(askedAt) > Limit * 2)
                (askedAt, running) = (time.GetTimestamp(), Task.Run(AskAsync, CancellationToken.None));

            return running.WaitAsync(cancellationToken);
        }
    }

    private async Task AskAsync()
    {
        using var limit = new CancellationTokenSource(Limit, time);
        await ask(limit.Token);
        lock (gate)
            succeededAt = time.GetTimestamp();
    }
}
