using StackExchange.Redis;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Who watches a title now, over the death of a silo and over a stop.</summary>
[Collection(ServersTests.Name)]
public sealed class PresenceClusterTests : IAsyncLifetime
{
    private readonly ServersFixture stores = new();
    private readonly SiloCluster cluster = new();

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Who_watches_is_shown_again_after_the_silo_died_and_a_stop_right_after_a_heartbeat_is_quiet()
    {
        var (title, user) = (Guid.NewGuid(), Guid.NewGuid());
        await stores.AddTitleAsync(Samples.Title(title, "A title"));
        await stores.AddUserAsync(user, "somebody");
        var silo = await cluster.StartSiloAsync();
        var front = await cluster.StartFrontAsync();
        using var client = new HttpClient { BaseAddress = front.Address };
        var api = new Api(client);
        await HeartbeatAsync("tv", 10);
        await HeartbeatAsync("phone", 20);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(TestServers.Redis);
        await Poll.UntilAsync(async () => await CountKeptAsync() > 0 ? null : "nothing is kept");
        await UntilShownAsync(2);

        await silo.KillAsync();
        var second = await cluster.StartSiloAsync();

        await UntilShownAsync(2);
        await HeartbeatAsync("tv", 30);
        await second.StopAsync();
        second.HasNoErrors();
        await front.StopAsync();

        async Task HeartbeatAsync(string session, int position) => (await api.PutAsync(
            $"/api/v1/users/{user}/progress/{title}", $$"""{"position_seconds":{{position}},"duration_seconds":1000,"session_id":"{{session}}"}""")).IsJson();

        async Task<int> CountKeptAsync()
        {
            var keys = 0;
            await foreach (var _ in redis.GetServers()[0].KeysAsync(redis.GetDatabase().Database, $"*{title:N}*"))
                keys++;

            return keys;
        }

        Task UntilShownAsync(int watching) => Poll.UntilAsync(async () =>
            await api.GetAsync($"/api/v1/content/{title}/details") is var answer && answer.Status == 200 && answer.Json.GetProperty("watching_now").GetInt32() == watching
                ? null
                : answer.Text);
    }
}
