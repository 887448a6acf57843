using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Streaming.Tests;

public sealed class PeriodicLoopTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider clock = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ApplicationLifetime program = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly BackgroundLoops loops;
    private readonly List<(int Count, Exception Latest)> told = [];
    private readonly CancellationTokenSource stopping = new();
    private PeriodicLoop? loop;
    private Task running = Task.CompletedTask;
    private int rounds;

    public PeriodicLoopTests() => loops = new BackgroundLoops(services.GetRequiredService<IMeterFactory>(), clock, program);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        await (loop?.DisposeAsync() ?? ValueTask.CompletedTask);
        stopping.Dispose();
        await services.DisposeAsync();
    }

    public static TheoryData<string> Failures => [.. DriverFailures.All.Keys];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Nothing_that_a_round_throws_ends_the_loop(string failure)
    {
        Run(_ => rounds++ % 2 == 0 ? throw DriverFailures.All[failure]() : Task.CompletedTask);

        await UntilRoundsAsync(4);

        Assert.False(running.IsCompleted);
        Assert.Equal(DriverFailures.All[failure]().GetType(), told[0].Latest.GetType());
        Assert.NotNull(Assert.Single(loops.List()).LastSuccess);
    }

    [Fact]
    public async Task Cancellation_of_a_token_of_its_own_making_is_a_failure_like_any_other()
    {
        Run(async cancellationToken =>
        {
            rounds++;
            using var own = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await own.CancelAsync();
            own.Token.ThrowIfCancellationRequested();
        });

        await UntilRoundsAsync(3);

        Assert.IsType<OperationCanceledException>(told[0].Latest);
    }

    [Fact]
    public async Task Loop_ends_with_its_token_and_tells_no_failure_of_the_round_that_it_ended()
    {
        var begun = new TaskCompletionSource();
        Run(async cancellationToken =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw new IOException("The connection was closed.");
        }, TimeSpan.Zero);
        await begun.Task;
        Assert.Single(loops.List());

        await stopping.CancelAsync();
        await running;

        Assert.Empty(told);
        Assert.Empty(loops.List());
    }

    [Fact]
    public async Task Pauses_grow_with_the_failures_up_to_a_bound_and_end_with_a_success()
    {
        var moments = new List<TimeSpan>();
        var fails = true;
        Run(_ =>
        {
            moments.Add(clock.GetUtcNow() - clock.Start);
            return fails && rounds++ >= 0 ? throw new IOException() : Task.CompletedTask;
        });

        await UntilAsync(() => moments.Count == 6);
        fails = false;
        await UntilAsync(() => moments.Count == 8);

        Assert.Equal([1, 2, 4, 8, 13, 18, 23, 24], moments.Select(moment => moment.TotalSeconds));
        Assert.Equal((1, 1), (told[0].Count, told.Count(line => line.Latest is not IOException) + 1));
        Assert.Equal(6, told.Sum(line => line.Count));
    }

    [Fact]
    public async Task Round_whose_time_is_over_is_ended_and_told_as_a_time_out()
    {
        Run(cancellationToken => rounds++ == 0 ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask);

        await UntilRoundsAsync(2);

        Assert.IsType<TimeoutException>(Assert.Single(told).Latest);
    }

    [Fact]
    public async Task Round_that_heeds_no_token_is_told_and_its_loop_is_late_until_it_ends()
    {
        var hang = new TaskCompletionSource();
        Run(_ => rounds++ == 0 ? hang.Task : Task.CompletedTask);

        await UntilAsync(() => Assert.Single(loops.List()).IsLate && told.Count > 0);
        Assert.Equal((1, "A round has not ended 30 s after its beginning, and hangs."), (rounds, told[0].Latest.Message));

        hang.SetResult();
        await UntilRoundsAsync(2);
        var state = Assert.Single(loops.List());
        Assert.Equal((false, 0), (state.IsLate, state.Failures));
    }

    [Fact]
    public async Task Loop_that_has_to_succeed_once_ends_then_and_is_told_of_no_more()
    {
        loop = loops.Create(
            new LoopSchedule("work", Interval) { EndsWithSuccess = true }, _ => rounds++ < 2 ? throw new IOException() : Task.CompletedTask, NullLogger.Instance);
        running = loop.RunAsync(stopping.Token);
        await UntilRoundsAsync(2);
        Assert.Equal(("work", null), Assert.Single(loops.List()) is var state ? (state.Name, state.LastSuccess) : default);

        await UntilAsync(() => running.IsCompleted);

        Assert.Equal(3, rounds);
        Assert.Empty(loops.List());
    }

    [Fact]
    public async Task Woken_loop_runs_at_once_and_then_after_its_interval()
    {
        var moments = new List<TimeSpan>();
        Run(_ =>
        {
            moments.Add(clock.GetUtcNow() - clock.Start);
            return Task.CompletedTask;
        }, TimeSpan.FromHours(1));

        // Once: a second call might ask for a second round.
        loop!.Wake();
        await Poll.UntilAsync(() => Task.FromResult(moments.Count > 0 ? null : "no round"));

        Assert.Equal(TimeSpan.Zero, moments[0]);
        await UntilAsync(() => moments.Count > 1);
        Assert.InRange(moments[1], Interval, TimeSpan.MaxValue);
    }

    [Fact]
    public async Task Failure_while_the_program_stops_is_counted_and_not_told()
    {
        Run(_ => rounds++ < 1 ? Task.CompletedTask : throw new IOException());
        await UntilRoundsAsync(1);
        program.StopApplication();

        await UntilAsync(() => Assert.Single(loops.List()).Failures > 1);

        Assert.Empty(told);
    }

    [Fact]
    public async Task Metrics_tell_the_failures_and_the_time_since_the_last_success()
    {
        var (failed, silent) = (0L, 0.0);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == BackgroundLoops.MeterName && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => failed += tags[0].Value is "work" ? value : 0);
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => silent = tags[0].Value is "work" ? value : 0);
        listener.Start();
        Run(_ => rounds++ < 2 ? throw new IOException() : Task.Delay(Timeout.Infinite, stopping.Token));
        await UntilRoundsAsync(3);

        listener.RecordObservableInstruments();

        Assert.Equal(2, failed);
        Assert.Equal((clock.GetUtcNow() - clock.Start).TotalSeconds, silent);
    }

    private void Run(Func<CancellationToken, Task> round, TimeSpan? firstAfter = null)
    {
        var schedule = new LoopSchedule("work", Interval) { FirstAfter = firstAfter ?? Interval };
        loop = loops.Create(schedule, round, NullLogger.Instance, (count, latest) => told.Add((count, latest)));
        running = loop.RunAsync(stopping.Token);
    }

    private Task UntilRoundsAsync(int count) => UntilAsync(() => rounds >= count);

    /// <summary>Lets time pass until it holds.</summary>
    private Task UntilAsync(Func<bool> holds) => Poll.UntilAsync(() =>
    {
        if (holds())
            return Task.FromResult<string?>(null);

        clock.Advance(TimeSpan.FromSeconds(0.5));
        return Task.FromResult<string?>($"{rounds} rounds, {told.Count} lines");
    });
}
