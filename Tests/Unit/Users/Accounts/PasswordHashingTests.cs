using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class PasswordHashingTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PasswordsDouble passwords = new();
    private readonly FakeTimeProvider clock = new();
    private readonly PasswordHashing hashing;

    public PasswordHashingTests() => hashing = new PasswordHashing(
        passwords,
        new PasswordMetrics(services.GetRequiredService<IMeterFactory>()),
        Options.Create(new AccountOptions { HashThreads = 1, MaxWaitingPasswords = 2 }),
        clock);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        passwords.Release();
        hashing.Dispose();
        services.Dispose();
    }

    [Fact]
    public async Task A_password_is_right_for_its_hash_only()
    {
        var hash = await hashing.HashAsync("a password", Cancelled);
        Assert.Equal(PasswordCheck.Right, await hashing.VerifyAsync(hash, "a password", Cancelled));
        Assert.Equal(PasswordCheck.Wrong, await hashing.VerifyAsync(hash, "another one", Cancelled));
        Assert.NotEqual(hash, await hashing.HashAsync("a password", Cancelled));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("$2b$10$K7L1OJ45/4Y2nIvhRVpCe.FSmhDdWoXehVzJptJ/op0lSsvqNu/1m")]
    public async Task Without_a_hash_that_can_be_checked_a_password_is_wrong_and_one_of_the_same_cost_is_checked(string? hash)
    {
        await hashing.HashAsync("a password", Cancelled);
        var hashed = passwords.Hashed;
        Assert.Equal(PasswordCheck.Wrong, await hashing.VerifyAsync(hash, "a password", Cancelled));
        Assert.Equal(hash is null ? 1 : 2, passwords.Verified);
        Assert.Equal(hashed, passwords.Hashed);
    }

    [Fact]
    public void Thread_that_is_patient_gives_way_and_no_other_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Read from /proc.");
        var (patient, other) = (0, 0);
        var thread = new Thread(() =>
        {
            LowPriorityThread.Begin();
            patient = Niceness();
        });
        thread.Start();
        thread.Join();
        other = Niceness();

        Assert.Equal(10, patient - other);

        // The 19th field; the second is a name in brackets, which may have blanks.
        static int Niceness() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(')')[^1].Split(' ')[17], null);
    }

    [Fact]
    public async Task A_hash_of_weaker_parameters_is_right_but_old()
    {
        using var weaker = new PasswordsDouble(iterations: 500);
        Assert.Equal(PasswordCheck.RightButOld, await hashing.VerifyAsync(weaker.HashPassword(null!, "a password"), "a password", Cancelled));
    }

    [Fact]
    public async Task A_password_is_the_same_however_its_letters_are_sent()
    {
        var hash = await hashing.HashAsync("cre\u0300me bru\u0302le\u0301e", Cancelled);
        Assert.Equal(PasswordCheck.Right, await hashing.VerifyAsync(hash, "cr\u00e8me br\u00fbl\u00e9e", Cancelled));
        Assert.Equal(PasswordCheck.Right, await hashing.VerifyAsync(hash, "cre\u0300me bru\u0302le\u0301e", Cancelled));
        Assert.Equal(PasswordCheck.Wrong, await hashing.VerifyAsync(hash, "creme brulee", Cancelled));

        // From before passwords had a normal form.
        var old = passwords.HashPassword(null!, "cre\u0300me");
        Assert.Equal(PasswordCheck.RightButOld, await hashing.VerifyAsync(old, "cre\u0300me", Cancelled));
        Assert.Equal(PasswordCheck.Wrong, await hashing.VerifyAsync(old, "another\u0300", Cancelled));
    }

    [Fact]
    public void Default_is_what_OWASP_asks_for() => Assert.Equal(210_000, new AccountOptions().HashIterations);

    [Fact]
    public async Task What_does_not_fit_the_queue_is_refused_at_once_and_counted()
    {
        var refused = 0L;
        using var listener = Listen("streaming.passwords.refused", count => Interlocked.Add(ref refused, count));
        var first = await HoldAsync();
        var waiting = new[] { hashing.HashAsync("1", Cancelled), hashing.HashAsync("2", Cancelled) };
        Assert.Null(await hashing.HashAsync("3", Cancelled));
        Assert.Equal(PasswordCheck.Busy, await hashing.VerifyAsync(null, "4", Cancelled));
        Assert.False(hashing.IsIdle);
        Assert.Equal(2, Interlocked.Read(ref refused));

        passwords.Release();
        Assert.NotNull(await first);
        Assert.All(await Task.WhenAll(waiting), Assert.NotNull);
        Assert.True(hashing.IsIdle);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_not_hashed()
    {
        using var gone = new CancellationTokenSource();
        var first = await HoldAsync();
        var abandoned = hashing.HashAsync("1", gone.Token);
        var wanted = hashing.HashAsync("2", Cancelled);
        var hashed = passwords.Hashed;
        await gone.CancelAsync();
        passwords.Release();

        Assert.Null(await abandoned);
        Assert.NotNull(await wanted);
        Assert.NotNull(await first);
        Assert.Equal(hashed + 1, passwords.Hashed);
    }

    [Fact]
    public async Task What_has_waited_too_long_is_refused()
    {
        var first = await HoldAsync();
        var late = hashing.HashAsync("1", Cancelled);
        clock.Advance(TimeSpan.FromSeconds(3));
        passwords.Release();
        Assert.Null(await late);
        Assert.NotNull(await first);
        Assert.NotNull(await hashing.HashAsync("2", Cancelled));
    }

    [Fact]
    public async Task What_waited_for_no_other_password_is_hashed_however_long_the_thread_took_to_come()
    {
        passwords.Hold();
        using var cold = new PasswordHashing(
            passwords, new PasswordMetrics(services.GetRequiredService<IMeterFactory>()), Options.Create(new AccountOptions { HashThreads = 1 }), clock);
        // The thread is at the hash that it makes before it looks at the queue.
        await Poll.UntilAsync(() => Task.FromResult(passwords.Hashed == 2 ? null : "the threads have not begun"));
        var first = cold.HashAsync("1", Cancelled);
        clock.Advance(TimeSpan.FromSeconds(9));
        passwords.Release();

        Assert.NotNull(await first);
    }

    [Fact]
    public async Task When_the_silo_stops_what_waits_is_refused()
    {
        var first = await HoldAsync();
        var waiting = hashing.HashAsync("1", Cancelled);
        hashing.Dispose();
        passwords.Release();
        Assert.Null(await waiting);
        Assert.NotNull(await first);
        Assert.Null(await hashing.HashAsync("2", Cancelled));
    }

    /// <summary>A password that the only thread is at, and does not end.</summary>
    private async Task<Task<string?>> HoldAsync()
    {
        await hashing.HashAsync("a password", Cancelled);
        passwords.Hold();
        var before = passwords.Hashed;
        var held = hashing.HashAsync("held", Cancelled);
        await Poll.UntilAsync(() => Task.FromResult(passwords.Hashed > before ? null : "the thread is not at the password"));
        return held;
    }

    private MeterListener Listen(string name, Action<long> heard)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == name && instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => heard(count));
        listener.Start();
        return listener;
    }
}
