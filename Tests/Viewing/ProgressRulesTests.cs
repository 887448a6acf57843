using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ProgressRulesTests
{
    private static readonly ViewingOptions Published = new();
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);

    [Theory]
    // Playback, at normal and at double speed, and a heartbeat that came late by less than the tolerance.
    [InlineData(100, 110, 10, 10)]
    [InlineData(100, 120, 10, 20)]
    [InlineData(100, 135, 10, 35)]
    [InlineData(0, 15, 0, 15)]
    // A jump: only the time that passed counts.
    [InlineData(100, 136, 10, 10)]
    [InlineData(0, 16, 0, 0)]
    [InlineData(0, 3000, 10, 10)]
    // Back, or standing still.
    [InlineData(100, 100, 10, 0)]
    [InlineData(100, 40, 10, 0)]
    // A clock that went back counts as no time.
    [InlineData(100, 110, -60, 10)]
    [InlineData(100, 200, -60, 0)]
    public void Watched_is_the_way_forward_that_the_clock_allows(int from, int to, int elapsedSeconds, int watched) =>
        Assert.Equal(watched, ProgressRules.WatchedSeconds(from, to, TimeSpan.FromSeconds(elapsedSeconds), Published));

    [Theory]
    [InlineData(9, 3600, false)]
    [InlineData(10, 3600, true)]
    [InlineData(9, 20, false)]
    [InlineData(10, 20, true)]
    [InlineData(9, 18, true)]
    [InlineData(8, 18, false)]
    [InlineData(8, 17, false)]
    [InlineData(9, 17, true)]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    public void A_view_is_ten_seconds_or_half_of_a_shorter_title(int watched, int duration, bool qualifies) =>
        Assert.Equal(qualifies, ProgressRules.Qualifies(watched, duration, Published));

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(49, 0, false)]
    [InlineData(50, 50, false)]
    [InlineData(500, 500, false)]
    [InlineData(900, 900, false)]
    [InlineData(901, 0, true)]
    [InlineData(1000, 0, true)]
    public void Under_five_percent_is_forgotten_and_over_ninety_is_watched(int position, int resume, bool watched) =>
        Assert.Equal(
            new ResumePosition(Guid.Empty, resume, 1000, watched, Now),
            ProgressRules.Resume(new ProgressReport(Guid.Empty, position, 1000, "s"), watchedBefore: false, Now, Published));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(500, 500)]
    [InlineData(950, 0)]
    public void Watching_again_never_clears_watched(int position, int resume)
    {
        var result = ProgressRules.Resume(new ProgressReport(Guid.Empty, position, 1000, "s"), watchedBefore: true, Now, Published);
        Assert.True(result.Watched);
        Assert.Equal(resume, result.PositionSeconds);
    }

    [Fact]
    public void A_period_is_an_hour_of_the_utc_clock()
    {
        var hour = new DateTimeOffset(2026, 3, 14, 9, 0, 0, TimeSpan.Zero);
        var period = ProgressRules.Period(hour, Published);
        Assert.Equal(period, ProgressRules.Period(hour.AddMinutes(60).AddTicks(-1), Published));
        Assert.Equal(period + 1, ProgressRules.Period(hour.AddMinutes(60), Published));
        Assert.Equal(period, ProgressRules.Period(hour.ToOffset(TimeSpan.FromHours(5.5)), Published));
    }

    [Fact]
    public void A_period_may_be_a_day()
    {
        var options = new ViewingOptions { QualifyingPeriodHours = 24 };
        var day = new DateTimeOffset(2026, 3, 14, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(ProgressRules.Period(day, options), ProgressRules.Period(day.AddHours(23.9), options));
        Assert.Equal(ProgressRules.Period(day, options) + 1, ProgressRules.Period(day.AddHours(24), options));
    }

    [Fact]
    public void The_numbers_are_options()
    {
        var options = new ViewingOptions
        {
            QualifyingSeconds = 30,
            QualifyingFraction = 0.1,
            ForgetBefore = 0.2,
            WatchedAfter = 0.8,
            SeekToleranceSeconds = 0,
        };
        Assert.True(ProgressRules.Qualifies(10, 100, options));
        Assert.False(ProgressRules.Qualifies(29, 1000, options));
        Assert.Equal(0, ProgressRules.WatchedSeconds(0, 1, TimeSpan.Zero, options));
        Assert.Equal(0, ProgressRules.Resume(new ProgressReport(Guid.Empty, 199, 1000, "s"), false, Now, options).PositionSeconds);
        Assert.True(ProgressRules.Resume(new ProgressReport(Guid.Empty, 801, 1000, "s"), false, Now, options).Watched);
    }
}
