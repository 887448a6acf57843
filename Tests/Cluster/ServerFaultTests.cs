using System.Net;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>
/// Servers that go away under load and come back, one after the other: what does not need them goes on, what does is
/// refused in so many words, and no acknowledged view is lost or counted twice.
/// </summary>
[Collection(ServersTests.Name)]
public sealed class ServerFaultTests
{
    private const int Seed = 20_260_402;

    [Fact]
    public async Task While_the_metadata_database_is_away_no_view_is_acknowledged_and_afterwards_they_are_again()
    {
        ServerScript.Require("metadata");
        await using var cluster = await LoadedCluster.StartAsync(Seed);
        foreach (var crash in (bool[])[false, true])
        {
            await cluster.AcknowledgedAsync(300);
            await ServerScript.StopAsync("metadata", crash);
            // Several, since the first may still have waited for a commit that was under way.
            for (var i = 0; i < 5; i++)
                Assert.Contains(await cluster.ViewAsync(), (HttpStatusCode[])[HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);

            await StartAsync("metadata");
            await cluster.AcknowledgedAsync(300);
        }

        await cluster.BatchAsync();
        await cluster.SettleAsync();
        await cluster.CopiesEqualTotalsAsync();
    }

    [Fact]
    public async Task Without_Redis_MongoDB_or_the_analytics_database_views_go_on()
    {
        ServerScript.Require("redis");
        ServerScript.Require("mongo");
        ServerScript.Require("analytics");
        await using var cluster = await LoadedCluster.StartAsync(Seed + 1);
        var (title, user) = (cluster.Titles[0], cluster.Users[0]);
        var details = $"/api/v1/content/{title}/details";
        var review = $$"""{"user_id":"{{user}}","rating":7}""";
        var (progress, heartbeat) = ($"/api/v1/users/{user}/progress/{title}", """{"position_seconds":5,"duration_seconds":1000,"session_id":"phone"}""");

        await ServerScript.StopAsync("redis");
        await cluster.AcknowledgedAsync(300);
        await cluster.UntilAnsweredAsync(HttpMethod.Get, details, null, (status, body) => status == HttpStatusCode.OK && body.GetProperty("reviews_available").GetBoolean());
        await cluster.UntilAnsweredAsync(HttpMethod.Put, progress, heartbeat, (status, _) => status == HttpStatusCode.OK);
        await StartAsync("redis");

        await ServerScript.StopAsync("mongo");
        await cluster.AcknowledgedAsync(300);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await cluster.SendAsync(HttpMethod.Post, $"/api/v1/content/{title}/reviews", review)).Status);
        await cluster.UntilAnsweredAsync(HttpMethod.Get, details, null, (status, body) => status == HttpStatusCode.OK && !body.GetProperty("reviews_available").GetBoolean());
        await cluster.UntilAnsweredAsync(HttpMethod.Put, progress, heartbeat, (status, _) => status == HttpStatusCode.OK);
        await StartAsync("mongo");
        await cluster.UntilAnsweredAsync(HttpMethod.Post, $"/api/v1/content/{title}/reviews", review, (status, _) => status == HttpStatusCode.Created);
        await cluster.UntilAnsweredAsync(HttpMethod.Get, details, null, (status, body) => status == HttpStatusCode.OK && body.GetProperty("reviews_available").GetBoolean());

        await ServerScript.StopAsync("analytics");
        await cluster.AcknowledgedAsync(300);
        Assert.Contains(
            (await cluster.SendAsync(HttpMethod.Put, progress, heartbeat)).Status,
            (HttpStatusCode[])[HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);
        await StartAsync("analytics");
        await cluster.UntilAnsweredAsync(HttpMethod.Put, progress, heartbeat, (status, _) => status == HttpStatusCode.OK);

        await cluster.AcknowledgedAsync(300);
        await cluster.SettleAsync();
        await cluster.CopiesEqualTotalsAsync();
    }

    private static async Task StartAsync(string server)
    {
        await ServerScript.StartAsync(server);
        ServersFixture.ForgetConnections();
    }
}
