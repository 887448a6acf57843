namespace Streaming.Tests;

/// <summary>Asks again until it holds, for a bounded time.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <param name="what">Answers null when it holds, and otherwise what is wrong.</param>
    public static async Task UntilAsync(Func<Task<string?>> what, int seconds = 30)
    {
        for (var left = TimeSpan.FromSeconds(seconds); ; left -= Interval)
        {
            if (await what() is not { } wrong)
                return;

            Assert.True(left > TimeSpan.Zero, $"After {seconds} s still: {wrong}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
