using Microsoft.Extensions.Time.Testing;

namespace Streaming.Tests;

public sealed class ThrottledWarningTests
{
    private readonly FakeTimeProvider time = new();
    private readonly List<(int Count, string Message)> told = [];
    private readonly ThrottledWarning warning;

    public ThrottledWarningTests() => warning = new ThrottledWarning(time, (count, latest) => told.Add((count, latest.Message)));

    [Fact]
    public void First_failure_is_told_at_once_and_the_others_as_a_count()
    {
        Fail("a", "b", "c");
        Assert.Equal([(1, "a")], told);

        time.Advance(ThrottledWarning.Interval);
        Assert.Equal([(1, "a"), (2, "c")], told);

        Fail("d");
        time.Advance(ThrottledWarning.Interval);
        Assert.Equal([(1, "a"), (2, "c"), (1, "d")], told);
    }

    [Fact]
    public void Failure_after_a_quiet_interval_is_told_at_once_again()
    {
        Fail("a");
        time.Advance(ThrottledWarning.Interval * 2);
        Assert.Single(told);

        Fail("b");
        Assert.Equal([(1, "a"), (1, "b")], told);
    }

    private void Fail(params ReadOnlySpan<string> messages)
    {
        foreach (var message in messages)
            warning.Report(new InvalidOperationException(message));
    }
}
