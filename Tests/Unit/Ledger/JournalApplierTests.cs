using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Streaming.Ledger;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Ledger;

public sealed class JournalApplierTests : IAsyncLifetime
{
    private const string Writer = "silo-1";

    private readonly FakeTimeProvider clock = new();
    private readonly EmbeddedFixture stores = new();
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Where_a_step_takes_long_the_next_comes_later()
    {
        var slow = TimeSpan.FromMilliseconds(100);
        var moments = new List<DateTimeOffset>();
        var journal = new JournalDouble(stores.Journal)
        {
            AfterApply = () =>
            {
                moments.Add(clock.GetUtcNow());
                clock.Advance(slow);
                return Task.CompletedTask;
            },
        };
        await journal.OpenWriterAsync(Writer, Cancel);
        await using var applier = Applier(journal);
        applier.Start();

        for (var batch = 1; batch <= 2; batch++)
        {
            journal.Append(Writer, batch, new JournalEntries([Guid.NewGuid()], [1], []));
            var steps = batch;
            await Poll.UntilAsync(() =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(moments.Count == steps ? null : $"{moments.Count} steps");
            });
        }

        Assert.InRange(moments[1] - moments[0], 50 * slow, TimeSpan.FromMinutes(10));
    }

    private JournalApplier Applier(IViewJournal journal)
    {
        var counters = new ViewCounters();
        var alone = new LoneLedger();
        return new JournalApplier(
            journal, Writer, counters, new TotalsRefresh(journal, counters, alone, clock), new TotalsNotifier(alone, NullLogger.Instance),
            new LedgerMetrics(services.GetRequiredService<IMeterFactory>()), new LedgerOptions(),
            new BackgroundLoops(services.GetRequiredService<IMeterFactory>(), clock), clock, NullLogger.Instance);
    }
}
