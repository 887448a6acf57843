using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Storage.Embedded;
using Streaming.Tests.Storage;
using Streaming.Users;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class WatchTimePublisherTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    [Fact]
    public async Task What_a_view_watches_comes_to_the_trends_once_and_what_is_none_does_not()
    {
        var (title, grain) = (await silo.AddTitleAsync(), silo.Grains.GetGrain<IUserGrain>(await silo.AddUserAsync()));
        for (var seconds = 0; seconds <= 300; seconds += 30)
        {
            Assert.Equal(Outcome.Committed, (await grain.RecordProgressAsync(new ProgressReport(title, seconds, 1000, "plays"))).Outcome);
            // A seek a heartbeat: nothing is watched but the time that passes between two.
            await grain.RecordProgressAsync(new ProgressReport(title, 999, 1000, $"never a view {seconds}"));
            await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(30));
        }

        var publisher = silo.Services.GetServices<IHostedService>().OfType<WatchTimePublisher>().Single();
        await publisher.PublishAsync(TestContext.Current.CancellationToken);
        await publisher.PublishAsync(TestContext.Current.CancellationToken);

        Assert.Equal(5, await ((EmbeddedFixture)silo.Stores).Database.Metadata.ReadAsync(
            c => c.Scalar("SELECT sum(watch_time_minutes) FROM trending_daily WHERE content_id = $id", ("$id", title.ToBlob())), TestContext.Current.CancellationToken));
    }
}
