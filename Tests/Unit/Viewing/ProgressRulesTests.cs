using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ProgressRulesTests
{
    private static readonly ViewingOptions Published = new();
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);
    private static readonly Guid Mine = new(1, 0, 0, new byte[8]);
    private static readonly Guid Other = new(2, 0, 0, new byte[8]);

    [Theory]
    // Playback, at normal and at double speed, and a heartbeat that came late by less than the tolerance.
    [InlineData(10, 10, 10)]
    [InlineData(20, 10, 20)]
    [InlineData(35, 10, 35)]
    // A jump: only the time that passed counts.
    [InlineData(36, 10, 10)]
    [InlineData(3000, 10, 10)]
    // Back, or standing still.
    [InlineData(0, 10, 0)]
    [InlineData(-60, 10, 0)]
    // A clock that went back counts as no time.
    [InlineData(10, -60, 10)]
    [InlineData(100, -60, 0)]
    public void Watched_is_the_way_forward_that_the_clock_allows(int moved, int elapsedSeconds, int watched)
    {
        var period = ProgressRules.Begin(Now, 0, Published);
        Assert.Equal(watched, ProgressRules.Watch(period, moved, isFirst: false, Now.AddSeconds(elapsedSeconds), Published).Watched);
    }

    [Theory]
    [InlineData(15, 15)]
    // Late, and owed the rest.
    [InlineData(16, 15)]
    [InlineData(60, 15)]
    // A seek.
    [InlineData(61, 0)]
    [InlineData(3000, 0)]
    [InlineData(-5, 0)]
    public void A_first_heartbeat_counts_one_tolerance_at_most(int moved, int watched)
    {
        var period = ProgressRules.Begin(Now, 0, Published);
        Assert.Equal(watched, ProgressRules.Watch(period, moved, isFirst: true, Now, Published).Watched);
    }

    [Theory]
    [InlineData(30, 10)]
    [InlineData(16, 6)]
    [InlineData(60, 60)]
    public void A_session_whose_first_heartbeat_comes_late_loses_nothing_that_the_clock_allows(int first, int next)
    {
        var play = new Player(Published);
        play.Beat(first, 0);
        Assert.Equal(Math.Min(first + next, 15 + (2 * next)), play.Beat(first + next, next));
        Assert.Equal(first + next + 60, play.Beat(first + next + 60, 60));
    }

    [Fact]
    public void A_hundred_jumps_within_the_tolerance_count_one_tolerance()
    {
        var play = new Player(Published);
        for (var i = 0; i < 100; i++)
        {
            play.Beat(0, 0.0055);
            play.Beat(15, 0.0055);
        }

        Assert.InRange(play.Watched, 15, 17);
    }

    [Fact]
    public void A_long_pause_saves_no_more_than_one_tolerance()
    {
        var play = new Player(Published);
        play.Beat(0, 0);
        for (var i = 0; i < 360; i++)
            play.Beat(0, 10);

        for (var i = 0; i < 100; i++)
        {
            play.Beat(15, 0.005);
            play.Beat(0, 0.005);
        }

        Assert.InRange(play.Watched, 15, 17);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 7)]
    [InlineData(1, 59)]
    public void Playback_up_to_the_fastest_speed_counts_in_full_whenever_its_heartbeats_arrive(int speed, int lateSeconds)
    {
        var play = new Player(Published);
        play.Beat(0, 0);
        for (var i = 1; i <= 100; i++)
        {
            // Every other heartbeat is late, and the next one is not.
            play.Beat(speed * 60 * i, i % 2 == 1 ? 60 + Math.Min(lateSeconds, 15) : 60 - Math.Min(lateSeconds, 15));
        }

        Assert.InRange(play.Watched, (speed * 6000) - 30, speed * 6000);
    }

    [Fact]
    public void Nothing_exceeds_the_clock_times_the_fastest_speed_and_one_tolerance()
    {
        var random = new Random(17);
        for (var session = 0; session < 200; session++)
        {
            var play = new Player(Published);
            var elapsed = 0.0;
            for (var beat = 0; beat < 60; beat++)
            {
                var passed = beat == 0 ? 0 : random.NextDouble() * random.Next(1, 30);
                elapsed += passed;
                var watched = play.Beat(random.Next(0, 120), passed);
                Assert.True(watched <= (2 * elapsed) + 15 + 0.001, $"{watched} in {elapsed}");
            }
        }
    }

    [Theory]
    [InlineData(9, 60, 7200, false)]
    [InlineData(10, 60, 7200, true)]
    [InlineData(9, 60, 20, false)]
    [InlineData(10, 60, 20, true)]
    [InlineData(9, 60, 18, true)]
    [InlineData(8, 60, 18, false)]
    [InlineData(9, 60, 17, true)]
    [InlineData(0, 60, 1, false)]
    [InlineData(1, 60, 1, true)]
    // A length that the catalogue does not know makes nothing easier.
    [InlineData(9, 60, 0, false)]
    [InlineData(10, 60, 0, true)]
    // At least half of it has passed.
    [InlineData(15, 0, 7200, false)]
    [InlineData(15, 4.9, 7200, false)]
    [InlineData(15, 5, 7200, true)]
    [InlineData(9, 4.4, 18, false)]
    [InlineData(9, 4.5, 18, true)]
    public void A_view_is_ten_seconds_or_half_of_a_shorter_title_half_of_it_by_the_clock(int watched, double elapsed, int title, bool qualifies) =>
        Assert.Equal(qualifies, ProgressRules.Qualifies(watched, TimeSpan.FromSeconds(elapsed), title, Published));

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
            ProgressRules.Resume(new ProgressReport(Guid.Empty, position, 1000, "s"), titleSeconds: 0, watchedBefore: false, Now, Published));

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Where_the_length_is_unknown_the_position_stays_and_nothing_is_judged(int position) =>
        Assert.Equal(
            new ResumePosition(Guid.Empty, position, 0, false, Now),
            ProgressRules.Resume(new ProgressReport(Guid.Empty, position, 0, "s"), titleSeconds: 0, watchedBefore: false, Now, Published));

    [Theory]
    [InlineData(1, 1, 7_200, 1, false)]
    [InlineData(600, 600, 7_200, 600, false)]
    [InlineData(1_700, 1_799, 7_200, 1_700, false)]
    [InlineData(1_700, 1_800, 7_200, 0, true)]
    [InlineData(3_600, 3_600, 7_200, 0, true)]
    [InlineData(6_600, 7_200, 7_000, 0, true)]
    [InlineData(1, 1, 0, 0, true)]
    public void A_duration_that_is_much_less_than_the_catalogues_finishes_nothing(int position, int duration, int titleSeconds, int resume, bool watched) =>
        Assert.Equal(
            new ResumePosition(Guid.Empty, resume, duration, watched, Now),
            ProgressRules.Resume(new ProgressReport(Guid.Empty, position, duration, "s"), titleSeconds, watchedBefore: false, Now, Published));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(500, 500)]
    [InlineData(950, 0)]
    public void Watching_again_never_clears_watched(int position, int resume)
    {
        var result = ProgressRules.Resume(new ProgressReport(Guid.Empty, position, 1000, "s"), titleSeconds: 0, watchedBefore: true, Now, Published);
        Assert.True(result.Watched);
        Assert.Equal(resume, result.PositionSeconds);
    }

    [Theory]
    // One's own, forth and back.
    [InlineData(true, false, 0, true, 3, 3)]
    [InlineData(true, false, 0, true, 2500, 2500)]
    // Another's: only forward, until one has watched.
    [InlineData(false, false, 0, true, 3, 2400)]
    [InlineData(false, false, 0, true, 2399, 2400)]
    [InlineData(false, false, 0, true, 2401, 2401)]
    [InlineData(false, true, 0, true, 3, 3)]
    // Not moved, or older.
    [InlineData(false, true, 0, false, 3, 2400)]
    [InlineData(true, true, -1, true, 3, 2400)]
    [InlineData(true, true, -1, true, 3000, 2400)]
    public void A_position_is_taken_by_whoever_has_moved_it_last(bool isMine, bool qualified, int age, bool moved, int reported, int resume)
    {
        var title = new TitleProgress(new ResumePosition(Guid.Empty, 2400, 5400, false, Now), isMine ? Mine : Other, null);
        var next = ProgressRules.Next(title, new ResumePosition(Guid.Empty, reported, 5400, false, Now.AddSeconds(age)), Mine, moved, qualified);
        Assert.Equal(resume, next.Resume.PositionSeconds);
    }

    [Fact]
    public void A_forgotten_title_comes_back_with_what_is_played_afterwards()
    {
        var forgotten = new TitleProgress(new ResumePosition(Guid.Empty, 0, 5400, false, Now), null, Now, IsForgotten: true);
        Assert.Equal(forgotten, ProgressRules.Next(forgotten, At(-1), Mine, moved: true, qualified: true));
        Assert.Equal(forgotten, ProgressRules.Next(forgotten, At(1), Mine, moved: false, qualified: true));
        Assert.Equal(new TitleProgress(At(1), Mine, Now), ProgressRules.Next(forgotten, At(1), Mine, moved: true, qualified: false));

        static ResumePosition At(int seconds) => new(Guid.Empty, 700, 5400, false, Now.AddSeconds(seconds));
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
            FastestSpeed = 3,
            ForgetBefore = 0.2,
            WatchedAfter = 0.8,
            SeekToleranceSeconds = 0,
        };
        Assert.True(ProgressRules.Qualifies(10, TimeSpan.FromSeconds(3.4), 100, options));
        Assert.False(ProgressRules.Qualifies(10, TimeSpan.FromSeconds(3.3), 100, options));
        Assert.False(ProgressRules.Qualifies(29, TimeSpan.FromHours(1), 1000, options));
        Assert.Equal(0, ProgressRules.Watch(ProgressRules.Begin(Now, 0, options), 1, isFirst: true, Now, options).Watched);
        Assert.Equal(30, ProgressRules.Watch(ProgressRules.Begin(Now, 0, options), 30, isFirst: false, Now.AddSeconds(10), options).Watched);
        Assert.Equal(0, ProgressRules.Resume(new ProgressReport(Guid.Empty, 199, 1000, "s"), titleSeconds: 0, watchedBefore: false, Now, options).PositionSeconds);
        Assert.True(ProgressRules.Resume(new ProgressReport(Guid.Empty, 801, 1000, "s"), titleSeconds: 0, watchedBefore: false, Now, options).Watched);
    }

    /// <summary>A session from position 0 on.</summary>
    private sealed class Player(ViewingOptions options)
    {
        private DateTimeOffset now = Now;
        private ViewingPeriod? period;
        private int position;

        public int Watched { get; private set; }

        public int Beat(int to, double afterSeconds)
        {
            now = now.AddSeconds(afterSeconds);
            var isFirst = period is null;
            (var watched, period) = ProgressRules.Watch(period ?? ProgressRules.Begin(now, 0, options), to - position, isFirst, now, options);
            position = to;
            return Watched += watched;
        }
    }
}
