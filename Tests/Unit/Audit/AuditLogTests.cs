using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streaming.Audit;

namespace Streaming.Tests.Audit;

public sealed class AuditLogTests : IDisposable
{
    private static readonly CancellationToken Impatient = new(canceled: true);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));
    private readonly LogDouble log = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener listener = new();
    private readonly AuditLog audit;
    private long written;
    private long dropped;

    public AuditLogTests()
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == AuditLog.MeterName && instrument.Meter.Scope == meters)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "streaming.audit.written")
                Interlocked.Add(ref written, value);
            else if (instrument.Name == "streaming.audit.dropped")
                Interlocked.Add(ref dropped, value);
        });
        listener.Start();
        audit = new AuditLog(log.Factory, new BackgroundLoops(meters, clock), meters, clock, NullLogger<AuditLog>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        audit.Dispose();
        listener.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task Entries_go_together_after_a_quarter_of_a_second()
    {
        await audit.StartAsync(Cancel);
        var user = Guid.NewGuid();
        audit.Write("LOGIN", "UserAccountService", "User logged in successfully", user);
        audit.Write("LOGIN", "UserAccountService", "Invalid credentials", null);
        await UntilAsync(() => written == 2);

        var batch = Assert.Single(log.Calls);
        Assert.Equal(2, batch.Length);
        Assert.Equal(
            new LogEntry(batch[0].Id, user, "LOGIN", "User logged in successfully", "UserAccountService", batch[0].CreatedAt, IsClientReported: false), batch[0]);
        Assert.Null(batch[1].UserId);
        Assert.Equal(0, audit.Waiting);
    }

    [Fact]
    public async Task Entries_that_waited_longer_than_the_store_knows_who_is_gone_name_nobody()
    {
        log.OnWrite = call => call == 1 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        await audit.StartAsync(Cancel);
        var (user, about) = (Guid.NewGuid(), Guid.NewGuid());
        audit.Write("BAN_USER", "UserAccountService", $"Administrator banned user {about}", user, about);
        await UntilAsync(() => log.Calls.Count == 1);
        Assert.Equal((user, (Guid?)about), (log.Calls[0][0].UserId, log.Calls[0][0].AboutId));
        clock.Advance(TimeSpan.FromDays(8));
        await UntilAsync(() => written == 1);

        var late = Assert.Single(log.Calls[1]);
        Assert.Equal(log.Calls[0][0] with { UserId = null, AboutId = null, Description = "" }, late);
    }

    [Fact]
    public async Task Full_batch_goes_without_waiting()
    {
        await audit.StartAsync(Cancel);
        WriteMany(AuditLog.MaxBatch);

        // Time stands still.
        await Poll.UntilAsync(() => Task.FromResult(Interlocked.Read(ref written) == AuditLog.MaxBatch ? null : "the batch has not gone"));

        Assert.All(log.Calls, batch => Assert.InRange(batch.Length, 1, AuditLog.MaxBatch));
    }

    [Fact]
    public async Task Failed_batch_is_repeated_unchanged_and_the_next_one_waits()
    {
        log.OnWrite = call => call <= 5 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        await audit.StartAsync(Cancel);
        WriteMany(3);
        await UntilAsync(() => log.Calls.Count >= 2);
        WriteMany(4);
        await UntilAsync(() => written == 7);

        Assert.Equal(7, log.Calls.Count);
        Assert.All(log.Calls.Take(6), batch => Assert.Equal(log.Calls[0], batch));
        Assert.Equal(4, log.Calls[6].Length);
        Assert.Equal(0, dropped);
    }

    [Fact]
    public async Task Call_without_an_answer_is_given_up_and_repeated()
    {
        log.OnWrite = call => call == 1 ? Task.Delay(Timeout.Infinite, Cancel) : Task.CompletedTask;
        await audit.StartAsync(Cancel);
        WriteMany(1);

        await UntilAsync(() => written == 1);

        Assert.Equal(log.Calls[0], log.Calls[1]);
    }

    [Fact]
    public async Task What_does_not_fit_is_dropped_and_counted_and_the_rest_is_written()
    {
        WriteMany(AuditLog.Capacity + 321);

        Assert.Equal(AuditLog.Capacity, audit.Waiting);
        Assert.Equal(321, dropped);
        await audit.StartAsync(Cancel);
        await UntilAsync(() => written == AuditLog.Capacity);
        Assert.Equal(Enumerable.Range(0, AuditLog.Capacity).Select(i => $"entry {i}"), log.Calls.SelectMany(batch => batch).Select(entry => entry.Description));
    }

    [Fact]
    public async Task Memory_stays_bounded_while_the_store_is_away()
    {
        log.OnWrite = _ => Task.FromException(new TimeoutException());
        await audit.StartAsync(Cancel);
        for (var i = 0; i < 20; i++)
        {
            WriteMany(1_000);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(audit.Waiting, AuditLog.Capacity - AuditLog.MaxBatch, AuditLog.Capacity + AuditLog.MaxBatch);
        Assert.InRange(dropped, 10_000 - AuditLog.MaxBatch, 10_000);
        await audit.StopAsync(Impatient);
        Assert.Equal(20_000, dropped);
        Assert.Equal(0, written);
    }

    [Fact]
    public async Task Stop_writes_what_waits()
    {
        log.OnWrite = call => call == 1 ? Task.FromException(new TimeoutException()) : Task.CompletedTask;
        await audit.StartAsync(Cancel);
        WriteMany(1_234);

        var stop = audit.StopAsync(Cancel);
        await UntilAsync(() => stop.IsCompleted);
        await stop;

        Assert.Equal(1_234, written);
        Assert.Equal(0, dropped);
    }

    [Fact]
    public async Task Second_stop_waits_for_the_first_and_neither_needs_what_was_disposed_meanwhile()
    {
        var writing = new TaskCompletionSource();
        log.OnWrite = _ => writing.Task;
        await audit.StartAsync(Cancel);
        WriteMany(3);

        var stops = new[] { audit.StopAsync(Cancel), audit.StopAsync(Cancel) };
        await UntilAsync(() => log.Calls.Count == 1);
        Assert.All(stops, stop => Assert.False(stop.IsCompleted));
        writing.SetResult();
        await UntilAsync(() => stops.All(stop => stop.IsCompleted));
        audit.Dispose();
        await Task.WhenAll([.. stops, audit.StopAsync(Cancel)]);

        Assert.Equal(3, written);
    }

    [Fact]
    public async Task Stop_ends_though_no_call_does_and_counts_what_is_lost()
    {
        log.OnWrite = _ => Task.Delay(Timeout.Infinite, Cancel);
        await audit.StartAsync(Cancel);
        WriteMany(700);
        await Poll.UntilAsync(() => Task.FromResult(log.Calls.Count == 1 ? null : "nothing was called"));

        await audit.StopAsync(Cancel);

        Assert.Equal(700, dropped);
    }

    [Fact]
    public async Task Writing_never_throws_not_even_after_the_stop()
    {
        audit.Write(null!, null!, null!, null);
        await audit.StartAsync(Cancel);
        await audit.StopAsync(Cancel);
        Assert.Equal(1, written);

        audit.Write("LOGIN", "UserAccountService", "too late", null);

        Assert.Equal(1, dropped);
    }

    [Fact]
    public async Task Many_writers_lose_nothing()
    {
        await audit.StartAsync(Cancel);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => WriteMany(1_000), Cancel)));
        await UntilAsync(() => written == 8_000);

        Assert.Equal(8_000, log.Calls.SelectMany(batch => batch).Select(entry => entry.Id).Distinct().Count());
    }

    private void WriteMany(int count)
    {
        for (var i = 0; i < count; i++)
            audit.Write("LOGIN", "UserAccountService", $"entry {i}", null);
    }

    /// <summary>Lets time pass until it holds.</summary>
    private Task UntilAsync(Func<bool> holds) => Poll.UntilAsync(() =>
    {
        if (holds())
            return Task.FromResult<string?>(null);

        clock.Advance(TimeSpan.FromMilliseconds(250));
        return Task.FromResult<string?>($"{log.Calls.Count} calls, {Interlocked.Read(ref written)} written, {Interlocked.Read(ref dropped)} dropped");
    });
}
