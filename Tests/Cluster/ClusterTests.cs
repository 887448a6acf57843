using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>Silos and fronts as processes of their own, over the test servers.</summary>
[Collection(ServersTests.Name)]
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly ServersFixture stores = new();
    private readonly SiloCluster cluster = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(20) };

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await cluster.DisposeAsync();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task View_recorded_through_a_front_counts_in_the_silos()
    {
        var title = await AddTitleAsync();
        var user = Guid.NewGuid();
        await stores.AddUserAsync(user, "somebody");
        // The front comes first, and waits for the silos.
        var front = cluster.LaunchFront();
        await cluster.StartSilosAsync(2);
        await front.UntilReadyAsync();
        using var client = new HttpClient { BaseAddress = front.Address };
        var api = new Api(client);

        for (var i = 0; i < 5; i++)
            (await api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);

        (await api.PostAsync("/api/v1/views", $$"""[{"content_id":"{{title}}","count":20}]""")).IsJson();
        (await api.PutAsync($"/api/v1/users/{user}/progress/{title}", """{"position_seconds":333,"duration_seconds":1000,"session_id":"tv"}""")).IsJson();
        Assert.Equal(333, (await api.GetAsync($"/api/v1/users/{user}/progress/{title}")).IsJson().Json.GetProperty("position_seconds").GetInt32());
        await UntilAppliedAsync(title, 25);
        // The batch may have gone to the other silo, which tells the title's own after it has applied it.
        await Poll.UntilAsync(async () =>
            (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64() is var live and not 25 ? $"{live} of 25" : null);
        await front.StopAsync();
        front.HasNoErrors();
        Assert.Contains(front.Output, line => line.Contains("a client of its silos", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silo_that_is_told_to_stop_is_not_ready_at_once_applies_its_views_and_leaves_the_membership()
    {
        var title = await AddTitleAsync();
        var silo = await cluster.StartSiloAsync(("Ledger__ApplyIntervalMilliseconds", "60000"));
        var front = await cluster.StartFrontAsync();
        using var client = new HttpClient { BaseAddress = front.Address };
        (await new Api(client).PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);
        Assert.Equal(SiloStatus.Active, await cluster.StatusOfAsync(silo));

        silo.Signal(NativeMethods.Terminate);

        // Within the second that the listeners stay open.
        await Poll.UntilAsync(async () => await IsStoppingAsync(silo) ? null : "it does not say that it stops");
        Assert.Equal(0, await silo.WaitForExitAsync());
        silo.HasNoErrors();
        Assert.True(await cluster.StatusOfAsync(silo) is null or SiloStatus.Dead);
        Assert.Equal(1, await stores.Journal.GetTotalAsync(title, TestContext.Current.CancellationToken));
        await front.StopAsync();
        // While it had no silo its loops were right to warn of that.
        front.HasOnlyWarnings();
    }

    [Fact]
    public async Task Front_says_that_the_cluster_is_away_and_finds_it_again()
    {
        var title = await AddTitleAsync();
        var silo = await cluster.StartSiloAsync();
        var front = await cluster.StartFrontAsync();
        Assert.Equal("up", StatusOf(await UntilStatusAsync(front, 200), "cluster"));
        using var client = new HttpClient { BaseAddress = front.Address };
        var api = new Api(client);
        (await api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);

        await silo.KillAsync();

        var gone = await UntilStatusAsync(front, 503);
        Assert.Equal("not_ready", gone.GetProperty("status").GetString());
        Assert.Equal("""{"cluster":{"status":"down","critical":true}}""", gone.GetProperty("dependencies").GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(front.Address, "/health/live"), TestContext.Current.CancellationToken)).StatusCode);
        (string, string) key = ("Idempotency-Key", "the-same-key-until-it-is-recorded");
        Assert.InRange((await api.PostAsync($"/api/v1/content/{title}/views/increment", null, key)).Status, 503, 504);

        await cluster.StartSiloAsync();
        await UntilStatusAsync(front, 200);
        await Poll.UntilAsync(async () => await api.PostAsync($"/api/v1/content/{title}/views/increment", null, key) is { Status: not 200 } answer ? answer.Text : null);
        await UntilAppliedAsync(title, 2);
        await front.StopAsync();
    }

    [Fact]
    public async Task Killed_silo_is_out_of_the_membership_and_the_others_serve_on()
    {
        var titles = new List<Guid>();
        for (var i = 0; i < 12; i++)
            titles.Add(await AddTitleAsync());

        var silos = await cluster.StartSilosAsync(3);
        var front = await cluster.StartFrontAsync();
        using var client = new HttpClient { BaseAddress = front.Address };
        var api = new Api(client);
        foreach (var title in titles)
            (await api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);

        await silos[0].KillAsync();
        await cluster.UntilGoneAsync(silos[0]);

        foreach (var title in titles)
            await Poll.UntilAsync(async () => await api.GetAsync($"/api/v1/content/{title}/details") is { Status: not 200 } answer ? answer.Text : null);

        Assert.Equal(SiloStatus.Active, await cluster.StatusOfAsync(silos[1]));
        Assert.Equal(SiloStatus.Active, await cluster.StatusOfAsync(silos[2]));
        foreach (var title in titles)
            await UntilAppliedAsync(title, 1);
    }

    [Fact]
    public async Task Silo_without_Redis_is_degraded_and_says_so()
    {
        ServerScript.Require("redis");
        var silo = await cluster.StartSiloAsync();
        Assert.Equal("ready", (await UntilStatusAsync(silo, 200)).GetProperty("status").GetString());

        await ServerScript.StopAsync("redis");
        try
        {
            await Poll.UntilAsync(async () => StatusOf((await ReadAsync(silo)).Json, "redis") == "down" ? null : "Redis is up");
            var health = await UntilStatusAsync(silo, 200);
            Assert.Equal("degraded", health.GetProperty("status").GetString());
            Assert.Equal("up", StatusOf(health, "metadata"));

            // And another can start.
            var second = await cluster.StartSiloAsync();
            await second.StopAsync();
        }
        finally
        {
            await ServerScript.StartAsync("redis");
        }

        await Poll.UntilAsync(async () => StatusOf((await ReadAsync(silo)).Json, "redis") == "up" ? null : "Redis is down");
        await silo.StopAsync();
    }

    [Fact]
    public async Task Silo_without_its_databases_is_not_ready_and_names_them()
    {
        ServerScript.Require("metadata");
        var silo = await cluster.StartSiloAsync();
        var front = await cluster.StartFrontAsync();

        await ServerScript.StopAsync("metadata");
        try
        {
            foreach (var program in (ProgramProcess[])[silo, front])
            {
                var health = await UntilStatusAsync(program, 503);
                Assert.Equal("not_ready", health.GetProperty("status").GetString());
                Assert.Equal("down", StatusOf(health, "metadata"));
                Assert.Equal("down", StatusOf(health, "orleans"));
                Assert.Equal("up", StatusOf(health, "analytics"));
                Assert.DoesNotContain("127.0.0.1", health.GetRawText(), StringComparison.Ordinal);
                Assert.DoesNotContain("Npgsql", health.GetRawText(), StringComparison.Ordinal);
            }
        }
        finally
        {
            await ServerScript.StartAsync("metadata");
            // The tests' own connections are broken too.
            ServersFixture.Connections.Metadata.Clear();
        }

        await UntilStatusAsync(silo, 200);
        await UntilStatusAsync(front, 200);
        await front.StopAsync();
        await silo.StopAsync();
    }

    [Theory]
    [InlineData("Cluster__SiloPort")]
    [InlineData("Cluster__GatewayPort")]
    [InlineData("ASPNETCORE_URLS")]
    public async Task Silo_whose_port_is_taken_never_joins(string name)
    {
        using var other = new TcpListener(IPAddress.Loopback, LoopbackPort.Take());
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var silo = cluster.LaunchSilo((name, name == "ASPNETCORE_URLS" ? $"http://127.0.0.1:{port}" : port));

        await silo.FailsAsync(port, "the port is taken");
        Assert.Equal(0, await cluster.CountMembersAsync());
    }

    private async Task<Guid> AddTitleAsync()
    {
        var id = Guid.NewGuid();
        await stores.AddTitleAsync(Samples.Title(id, "A title"));
        return id;
    }

    private Task UntilAppliedAsync(Guid title, long total) => Poll.UntilAsync(
        async () => await stores.Journal.GetTotalAsync(title, TestContext.Current.CancellationToken) is var now && now == total ? null : $"{now} of {total}");

    private async Task<(int Status, JsonElement Json)> ReadAsync(ProgramProcess program)
    {
        using var answer = await http.GetAsync(new Uri(program.Address, "/health/ready"), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    private async Task<JsonElement> UntilStatusAsync(ProgramProcess program, int status)
    {
        JsonElement health = default;
        await Poll.UntilAsync(async () =>
        {
            (var now, health) = await ReadAsync(program);
            return now == status ? null : health.GetRawText();
        });
        return health;
    }

    private async Task<bool> IsStoppingAsync(ProgramProcess program) =>
        await ReadAsync(program) is { Status: 503, Json: var health } && StatusOf(health, "process") == "stopping";

    private static string? StatusOf(JsonElement health, string dependency) =>
        health.GetProperty("dependencies").TryGetProperty(dependency, out var found) ? found.GetProperty("status").GetString() : null;
}
