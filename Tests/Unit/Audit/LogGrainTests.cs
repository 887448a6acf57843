using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Streaming.Audit;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Audit;

public sealed class LogGrainTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private ILogGrain Log => silo.Grains.GetGrain<ILogGrain>(0);

    [Fact]
    public async Task Entries_are_written_once_however_often_they_are_sent()
    {
        var user = silo.Samples.Id();
        LogEntry[] entries = [.. Enumerable.Range(0, 30).Select(_ => Entry(user))];

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Log.WriteAsync([.. entries])));
        await Log.WriteAsync([]);

        var page = await Log.ListAsync(new LogFilter(user), null, 20, TestContext.Current.CancellationToken);
        Assert.Equal(20, page.Entries.Length);
        Assert.Equal(10, (await Log.ListAsync(new LogFilter(user), page.Next, 20, TestContext.Current.CancellationToken)).Entries.Length);
        var counted = await Log.ListFromAsync(new LogFilter(user), 20, 20, TestContext.Current.CancellationToken);
        Assert.Equal((10, 30L), (counted.Entries.Length, counted.Total));
    }

    [Fact]
    public async Task Calls_and_pages_have_a_largest_size()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Log.WriteAsync([.. Enumerable.Range(0, 1_001).Select(_ => Entry(null))]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Log.ListAsync(new LogFilter(), null, 1_001, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Log.ListAsync(new LogFilter(), null, 0, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Log.ListFromAsync(new LogFilter(), -1, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stop_of_a_silo_writes_what_its_grains_had_logged()
    {
        await using var own = await SiloFixture.StartAsync();
        var audit = own.Services.GetRequiredService<IAuditLog>();
        for (var i = 0; i < 1_300; i++)
            audit.Write("REGISTER", "UserAccountService", "User registered successfully", own.Samples.Id());

        await own.StopAsync();

        Assert.Equal(1_300, (await own.Stores.Logs.ListFromAsync(new LogFilter(), 0, 1, TestContext.Current.CancellationToken)).Total);
    }

    [Fact]
    public async Task Entries_are_kept_for_as_long_as_the_options_say()
    {
        await using var stores = new EmbeddedFixture();
        await stores.OpenAsync();
        var old = Enumerable.Range(0, 2_100).Select(i => Entry(null) with { CreatedAt = stores.Now.AddDays(-7).AddSeconds(-i) }).ToArray();
        var kept = Entry(null) with { CreatedAt = stores.Now.AddDays(-6) };
        await stores.Logs.AddAsync([.. old, kept], TestContext.Current.CancellationToken);
        using var retention = new LogRetention(
            stores.Logs, Options.Create(new AuditOptions { RetentionDays = 7 }), Loops.OfTests(stores.Clock), stores.Clock,
            NullLogger<LogRetention>.Instance);

        await retention.StartAsync(TestContext.Current.CancellationToken);
        await Poll.UntilAsync(async () =>
        {
            stores.Clock.Advance(TimeSpan.FromSeconds(1));
            var left = await stores.Logs.ListFromAsync(new LogFilter(), 0, 10, TestContext.Current.CancellationToken);
            return left.Total == 1 && left.Entries[0] == kept ? null : $"{left.Total} entries are left";
        });
        await retention.StopAsync(TestContext.Current.CancellationToken);
    }

    private LogEntry Entry(Guid? user) =>
        new(silo.Samples.Id(), user, "LOGIN", "User logged in successfully", "UserAccountService", silo.Stores.Now, IsClientReported: false);
}
