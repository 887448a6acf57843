using System.Diagnostics;

namespace Streaming.Tests;

/// <summary>Asks again until it holds, for a bounded time.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <param name="what">Answers null when it holds, and otherwise what is wrong.</param>
    public static async Task UntilAsync(Func<Task<string?>> what, int seconds = 60)
    {
        // Asking takes its time too, and counts.
        var begun = Stopwatch.GetTimestamp();
        while (await what() is { } wrong)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds, $"After {seconds} s still: {wrong}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
