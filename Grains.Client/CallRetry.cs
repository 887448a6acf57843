namespace Streaming;

/// <summary>How often, and after which pauses, a call is repeated that may be.</summary>
internal static class CallRetry
{
    /// <summary>With the growing pauses about 4 s: for so long calls may be rejected after a silo died, until the others know.</summary>
    public const int MaxAttempts = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(500);

    public static Task PauseAsync(int attempts) =>
        Task.Delay(TimeSpan.FromTicks(Math.Min(LastPause.Ticks, FirstPause.Ticks << (attempts - 1))));

    /// <summary>For a question, which changes nothing: repeated after any failure but a time-out, after which the caller has waited long enough.</summary>
    public static async ValueTask<T> AskAsync<TGrain, T>(TGrain grain, Func<TGrain, ValueTask<T>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask(grain);
            }
            catch (OrleansException) when (attempt < MaxAttempts)
            {
                await PauseAsync(attempt);
            }
        }
    }
}
