using System.Diagnostics;
using Streaming.Viewing;

namespace Streaming;

/// <summary>How often, and after which pauses, a call is repeated that may be.</summary>
public static class CallRetry
{
    /// <summary>With the growing pauses about 4 s: for so long calls may be rejected after a silo died, until the others know.</summary>
    public const int MaxAttempts = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LastPause = TimeSpan.FromMilliseconds(500);

    /// <summary>An attempt may itself have been repeated for long.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    public static Task PauseAsync(int attempts) =>
        Task.Delay(TimeSpan.FromTicks(Math.Min(LastPause.Ticks, FirstPause.Ticks << (attempts - 1))));

    /// <summary>The same for a word whose repetition changes nothing.</summary>
    public static async ValueTask TellAsync<TGrain>(TGrain grain, Func<TGrain, ValueTask> tell) => await AskAsync((grain, tell), static async call =>
    {
        await call.tell(call.grain);
        return true;
    });

    /// <summary>
    /// For a question, which changes nothing: repeated after any failure but a time-out, after which the caller has waited long enough, and that of a
    /// ledger that will never answer.
    /// </summary>
    public static async ValueTask<T> AskAsync<TGrain, T>(TGrain grain, Func<TGrain, ValueTask<T>> ask)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask(grain);
            }
            catch (OrleansException e) when (e is not LedgerGoneException && attempt < MaxAttempts && Stopwatch.GetElapsedTime(begun) < MaxTime)
            {
                await PauseAsync(attempt);
            }
        }
    }
}
