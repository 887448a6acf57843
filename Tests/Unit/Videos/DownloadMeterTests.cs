using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime.Messaging;
using Streaming.Videos;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class DownloadMeterTests : IDisposable
{
    private static readonly DateOnly Day = new(2026, 3, 14);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));
    private readonly DownloadsDouble downloads = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener listener = new();
    private readonly DownloadMeter meter;
    private readonly Guid ada = Guid.NewGuid();
    private readonly Guid bob = Guid.NewGuid();
    private long counted;
    private long uncounted;

    public DownloadMeterTests()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == DownloadMeter.MeterName && instrument.Meter.Scope == meters)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "streaming.media.counted")
                Interlocked.Add(ref counted, value);
            else if (instrument.Name == "streaming.media.uncounted")
                Interlocked.Add(ref uncounted, value);
        });
        listener.Start();
        meter = new DownloadMeter(new GrainReferences<IQuotaGrain>(downloads.Factory), new BackgroundLoops(meters, clock), meters, clock, NullLogger<DownloadMeter>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        meter.Dispose();
        listener.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task Bytes_of_a_person_go_together_once_a_second()
    {
        await meter.StartAsync(Cancel);
        meter.Count(ada, 3);
        meter.Count(bob, 10);
        meter.Count(ada, 4);
        Assert.Equal(17, meter.Waiting);

        await UntilAsync(() => counted == 17);

        Assert.Equal([new(ada, Day, 7), new(bob, Day, 10)], downloads.Calls.OrderBy(call => call.Bytes));
        Assert.Equal(0, meter.Waiting);
        meter.Count(ada, 1);
        await UntilAsync(() => counted == 18);
        Assert.Equal(new CountedDownload(ada, Day, 1), downloads.Calls[2]);
    }

    [Fact]
    public async Task Bytes_belong_to_the_UTC_day_in_which_they_were_sent()
    {
        clock.SetUtcNow(new DateTimeOffset(2026, 3, 14, 23, 59, 59, TimeSpan.Zero));
        meter.Count(ada, 1);
        clock.Advance(TimeSpan.FromSeconds(1));
        meter.Count(ada, 2);
        await meter.StartAsync(Cancel);

        await UntilAsync(() => counted == 3);

        Assert.Equal([new(ada, Day, 1), new(ada, Day.AddDays(1), 2)], downloads.Calls.OrderBy(call => call.Bytes));
    }

    [Fact]
    public async Task What_was_certainly_not_counted_is_told_again_with_what_came_since()
    {
        downloads.OnCount = call => call switch
        {
            1 => Task.FromResult(Outcome.Refused),
            2 => Task.FromException<Outcome>(new ConnectionFailedException("no gateway")),
            _ => Task.FromResult(Outcome.Committed),
        };
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);
        await UntilAsync(() => downloads.Calls.Count >= 2);
        meter.Count(ada, 6);

        await UntilAsync(() => counted == 11);

        Assert.Equal(11, downloads.Calls.Skip(2).Sum(call => call.Bytes));
        Assert.Equal(0, uncounted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_may_have_been_counted_is_not_told_again(bool timesOut)
    {
        downloads.OnCount = call => call > 1 ? Task.FromResult(Outcome.Committed)
            : timesOut ? Task.FromException<Outcome>(new TimeoutException())
            : Task.FromResult(Outcome.Unknown);
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);
        await UntilAsync(() => uncounted == 5);

        meter.Count(ada, 6);
        await UntilAsync(() => counted == 6);

        Assert.Equal([new(ada, Day, 5), new(ada, Day, 6)], downloads.Calls);
    }

    [Fact]
    public async Task Call_without_an_answer_is_given_up()
    {
        downloads.OnCount = _ => Hang();
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);

        await UntilAsync(() => uncounted == 5);

        Assert.Single(downloads.Calls);
    }

    [Fact]
    public void Memory_stays_bounded_and_people_who_wait_already_are_counted_on()
    {
        meter.Count(ada, 1);
        for (var i = 1; i < DownloadMeter.Capacity + 3; i++)
            meter.Count(Guid.NewGuid(), 1);

        meter.Count(ada, 1);

        Assert.Equal(3, uncounted);
        Assert.Equal(DownloadMeter.Capacity + 1, meter.Waiting);
    }

    [Fact]
    public async Task Stop_tells_what_waits()
    {
        downloads.OnCount = call => Task.FromResult(call == 1 ? Outcome.Refused : Outcome.Committed);
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);

        var stop = meter.StopAsync(Cancel);
        await UntilAsync(() => stop.IsCompleted);
        await stop;

        Assert.Equal(5, counted);
        Assert.Equal(0, uncounted);
    }

    [Fact]
    public async Task Second_stop_waits_for_the_first_and_neither_needs_what_was_disposed_meanwhile()
    {
        var counting = new TaskCompletionSource<Outcome>();
        downloads.OnCount = _ => counting.Task;
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);

        var stops = new[] { meter.StopAsync(Cancel), meter.StopAsync(Cancel) };
        await UntilAsync(() => downloads.Calls.Count == 1);
        Assert.All(stops, stop => Assert.False(stop.IsCompleted));
        counting.SetResult(Outcome.Committed);
        await UntilAsync(() => stops.All(stop => stop.IsCompleted));
        meter.Dispose();
        await Task.WhenAll([.. stops, meter.StopAsync(Cancel)]);

        Assert.Equal(5, counted);
    }

    [Fact]
    public async Task Stop_ends_though_no_call_does_and_counts_what_is_lost()
    {
        downloads.OnCount = _ => Hang();
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);
        await UntilAsync(() => downloads.Calls.Count == 1);
        meter.Count(bob, 6);

        await meter.StopAsync(Cancel);

        Assert.Equal(11, uncounted);
        Assert.Equal(0, counted);
    }

    [Fact]
    public async Task Impatient_stop_gives_up_at_once()
    {
        downloads.OnCount = _ => Hang();
        await meter.StartAsync(Cancel);
        meter.Count(ada, 5);

        await meter.StopAsync(new CancellationToken(canceled: true));

        Assert.Equal(5, uncounted);
    }

    [Fact]
    public async Task Many_readers_lose_nothing()
    {
        await meter.StartAsync(Cancel);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => Task.Run(
            () =>
            {
                for (var i = 0; i < 10_000; i++)
                    meter.Count(reader % 2 == 0 ? ada : bob, 1);
            }, Cancel)));

        await UntilAsync(() => counted == 80_000);

        Assert.Equal(40_000, downloads.Calls.Where(call => call.Subject == ada).Sum(call => call.Bytes));
    }

    private static async Task<Outcome> Hang()
    {
        await Task.Delay(Timeout.Infinite, Cancel);
        return Outcome.Committed;
    }

    /// <summary>Lets time pass until it holds.</summary>
    private Task UntilAsync(Func<bool> holds) => Poll.UntilAsync(() =>
    {
        if (holds())
            return Task.FromResult<string?>(null);

        clock.Advance(TimeSpan.FromMilliseconds(500));
        return Task.FromResult<string?>($"{downloads.Calls.Count} calls, {Interlocked.Read(ref counted)} counted, {Interlocked.Read(ref uncounted)} not");
    });
}
