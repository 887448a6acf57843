using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Streaming.Audit;
using Streaming.Ledger;
using Streaming.Media;
using Streaming.Tests.Auth;
using Streaming.Tests.Ledger;
using Streaming.Tests.Media;
using Streaming.Users;
using Streaming.Videos;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Videos;

namespace Streaming.Tests;

/// <summary>
/// Each background loop, over a store or a grain that throws everything in <see cref="DriverFailures"/>, one after the
/// other, and then answers: the loop is there to hear it.
/// </summary>
public sealed class LoopFaultTests : IAsyncDisposable
{
    // No pause after a failure is longer.
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(30);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly BackgroundLoops loops;
    private readonly Queue<Func<Exception>> failures = new(DriverFailures.All.Values);
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LoopFaultTests() => loops = new BackgroundLoops(Meters, clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IMeterFactory Meters => services.GetRequiredService<IMeterFactory>();

    public ValueTask DisposeAsync() => services.DisposeAsync();

    [Fact]
    public Task Front_goes_on_asking_what_has_become_of_accounts()
    {
        var options = new AuthOptions { SigningKey = TokenParts.Key };
        var grains = Doubled.Grain<IAccessGrain>((_, _) => Answer(Task.FromResult(new AccessUpdate(new AccessVersion(Guid.NewGuid(), 1), IsWhole: true, HasMore: false, [], []))));
        return OutlivesAsync(new RevocationPoller(
            grains, new RevocationCache(clock), SigningKeys.Read(options, new HostingEnvironment { EnvironmentName = Environments.Production }, ""), Options.Create(options), loops, clock, NullLogger<RevocationPoller>.Instance));
    }

    [Fact]
    public Task Front_goes_on_counting_downloads()
    {
        var grains = Doubled.Grain<IQuotaGrain>((_, _) => Answer(Task.FromResult(Outcome.Committed)));
        var meter = new DownloadMeter(new GrainReferences<IQuotaGrain>(grains), loops, Meters, clock, NullLogger<DownloadMeter>.Instance);
        return OutlivesAsync(meter, () => meter.Count(Guid.NewGuid(), 1));
    }

    [Fact]
    public async Task Front_goes_on_looking_at_videos()
    {
        using var files = new MediaFiles();
        var grains = Doubled.Grain<IVideosGrain>((_, _) => Answer(Task.FromResult<WaitingVideo?>(null)));
        await OutlivesAsync(new MediaInspection(
            files.Store, files.Folder, grains, Options.Create(new MediaOptions { ToolsPath = "" }), loops, Meters, clock, NullLogger<MediaInspection>.Instance));
    }

    [Fact]
    public async Task Audit_log_goes_on_sending()
    {
        var grains = Doubled.Grain<ILogGrain>((_, _) => Answer(Task.CompletedTask));
        using var audit = new AuditLog(grains, loops, Meters, clock, NullLogger<AuditLog>.Instance);
        audit.Write("LOGIN", "UserAccountService", "User logged in successfully", null);
        await audit.StartAsync(Cancel);
        await UntilAnsweredAsync();
        await audit.StopAsync(Cancel);
    }

    [Fact]
    public Task Old_audit_entries_go_on_being_removed()
    {
        var store = Doubled.Of<ILogStore>((_, _) => Answer(Task.FromResult(0)));
        return OutlivesAsync(new LogRetention(store, Options.Create(new AuditOptions()), loops, clock, NullLogger<LogRetention>.Instance));
    }

    [Fact]
    public Task Keeper_of_videos_goes_on_being_started()
    {
        var grains = Doubled.Grain<IVideoReaperGrain>((_, _) => Answer(Task.CompletedTask));
        return OutlivesAsync(new VideoReaperService(grains, loops, NullLogger<VideoReaperService>.Instance));
    }

    [Fact]
    public async Task Journal_goes_on_being_applied()
    {
        var journal = Doubled.Of<IViewJournal>((method, _) => method.Name == nameof(IViewJournal.ApplyAsync) ? Answer(Task.FromResult(AppliedViews.None)) : Task.FromResult(0));
        var counters = new ViewCounters();
        await using var applier = new JournalApplier(
            journal, "silo-1", counters, new TotalsRefresh(journal, counters, new LoneLedger(), clock), new TotalsNotifier(new LoneLedger(), NullLogger.Instance),
            new LedgerMetrics(Meters), new LedgerOptions(), loops, clock, NullLogger.Instance);
        applier.Start();
        await UntilAnsweredAsync();
    }

    [Fact]
    public async Task Writers_of_dead_silos_go_on_being_looked_for()
    {
        var isStarted = false;
        var journal = Doubled.Of<IViewJournal>((_, _) =>
        {
            IReadOnlyList<string> nobody = [];
            return isStarted ? Answer(Task.FromResult(nobody)) : Task.FromResult(nobody);
        });
        await using var writers = new WriterRecovery(
            journal, new LoneLedger(), new TotalsRefresh(journal, new ViewCounters(), new LoneLedger(), clock), new LedgerMetrics(Meters),
            TimeSpan.FromSeconds(1), loops, clock, NullLogger.Instance);
        await writers.StartAsync(Cancel);
        isStarted = true;
        await UntilAnsweredAsync();
    }

    private async Task OutlivesAsync(BackgroundService service, Action? work = null)
    {
        using (service)
        {
            await service.StartAsync(Cancel);
            await UntilAnsweredAsync(work);
            Assert.False(service.ExecuteTask!.IsCompleted);
            await service.StopAsync(Cancel);
            Assert.True(service.ExecuteTask!.IsCompletedSuccessfully);
        }
    }

    /// <summary>Lets time pass until everything was thrown, and what came after it was heard.</summary>
    private Task UntilAnsweredAsync(Action? work = null) => Poll.UntilAsync(() =>
    {
        if (answered.Task.IsCompleted)
            return Task.FromResult<string?>(null);

        work?.Invoke();
        clock.Advance(Step);
        return Task.FromResult<string?>($"{failures.Count} failures are left");
    });

    private Task Answer(Task answer)
    {
        lock (failures)
        {
            if (failures.TryDequeue(out var failure))
                throw failure();
        }

        answered.TrySetResult();
        return answer;
    }
}
