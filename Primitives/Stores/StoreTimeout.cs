namespace Streaming;

/// <summary>A step of a store that is given up after a time.</summary>
public static class StoreTimeout
{
    /// <param name="what">For the message: what is done.</param>
    /// <param name="step">Whatever it is cancelled by but <paramref name="cancellationToken"/>, nobody asked it to stop: it failed.</param>
    /// <exception cref="StoreUnavailableException">It took too long.</exception>
    public static async Task<T> RunAsync<T>(TimeSpan limit, string what, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(limit);
        try
        {
            return await step(giveUp.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"{what} took longer than {limit.TotalSeconds:0.###} s, and was given up.", e);
        }
    }
}
