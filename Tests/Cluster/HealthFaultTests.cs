using System.Globalization;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;
using Streaming.Storage.Servers;
using Streaming.Tests.Http;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>What a silo and a front say of their health while a store takes no writes, hangs, or is left behind; and what goes on then.</summary>
[Collection(ServersTests.Name)]
public sealed class HealthFaultTests : IAsyncLifetime
{
    private readonly ServersFixture stores = new();
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(8) };
    private FaultyRelay? analytics;
    private SiloCluster? cluster;
    private ProgramProcess[] programs = [];
    private Guid title;

    public async ValueTask InitializeAsync()
    {
        ServerScript.Require("metadata");
        await stores.OpenAsync();
        title = Guid.NewGuid();
        await stores.AddTitleAsync(Samples.Title(title, "A title"));
        (analytics, var through) = FaultyRelay.To(TestServers.Analytics);
        // The other servers go past the relay.
        var port = new NpgsqlConnectionStringBuilder(TestServers.Analytics).Port.ToString(CultureInfo.InvariantCulture);
        cluster = new SiloCluster(
            ("ConnectionStrings__Analytics", through), ("Storage__ReplicaMaxLagSeconds", "3"),
            ("Storage__Replication__SourcePort", port), ("Storage__Federation__AnalyticsPort", port));
        programs = [await cluster.StartSiloAsync(), await cluster.StartFrontAsync()];
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (cluster is not null)
            await cluster.DisposeAsync();

        analytics?.Dispose();
        await stores.DisposeAsync();
    }

    [Fact]
    public async Task What_users_would_notice_is_told_and_by_its_weight()
    {
        await UntilAsync("ready", []);

        await AlterAsync(TestServers.Metadata, "ALTER SYSTEM SET default_transaction_read_only = on");
        try
        {
            await UntilAsync("not_ready", ["metadata", "orleans"]);
        }
        finally
        {
            await AlterAsync(TestServers.Metadata, "ALTER SYSTEM RESET default_transaction_read_only");
        }

        await UntilAsync("ready", []);

        // A replica of a master that writes no heartbeat falls behind.
        analytics!.Hang();
        await UntilAsync("degraded", ["analytics"], follows: "analytics_replica");
        using var client = new HttpClient { BaseAddress = programs[1].Address };
        // Again where a machine without processor to spare makes a batch too old.
        await Poll.UntilAsync(async () => await new Api(client).PostAsync($"/api/v1/content/{title}/views/increment") is { Status: not 200 } answer ? answer.Text : null);
        analytics.Flow();
        await UntilAsync("ready", []);

        await using var redis = await ConnectionMultiplexer.ConnectAsync($"{TestServers.Redis},allowAdmin=true");
        var server = redis.GetServers()[0];
        foreach (var (name, bad) in ((string, string)[])[("maxmemory", "1"), ("min-replicas-to-write", "1")])
        {
            var good = (await server.ConfigGetAsync(name))[0].Value;
            await server.ConfigSetAsync(name, bad);
            try
            {
                await UntilAsync("degraded", ["redis"]);
            }
            finally
            {
                await server.ConfigSetAsync(name, good);
            }

            await UntilAsync("ready", []);
        }

        await ReplicaAsync("DISABLE");
        try
        {
            await UntilAsync("degraded", ["analytics_replica"]);
        }
        finally
        {
            await ReplicaAsync("ENABLE");
        }

        await UntilAsync("ready", []);
    }

    private static Task ReplicaAsync(string what) => RunAsync(TestServers.Replica, $"ALTER SUBSCRIPTION {ReplicationStep.Subscription} {what}");

    private static async Task AlterAsync(string database, string sql)
    {
        await RunAsync(database, sql);
        await RunAsync(database, "SELECT pg_reload_conf()");
    }

    private static async Task RunAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until both programs say so, of these and of no others; what follows from them comes later, or not while this looks.</summary>
    private async Task UntilAsync(string status, string[] down, string? follows = null)
    {
        foreach (var program in programs)
        {
            await Poll.UntilAsync(async () =>
            {
                using var answer = await http.GetAsync(new Uri(program.Address, "/health/ready"), TestContext.Current.CancellationToken);
                var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                var health = JsonElement.Parse(text);
                var names = health.GetProperty("dependencies").EnumerateObject()
                    .Where(dependency => dependency.Value.GetProperty("status").GetString() != "up").Select(dependency => dependency.Name)
                    // Loops that need what is away are late, by their own measure.
                    .Where(name => name != "background" && name != follows);
                return health.GetProperty("status").GetString() == status && names.Order().SequenceEqual(down)
                    && (int)answer.StatusCode == (status == "not_ready" ? 503 : 200) ? null : $"{program.Address}: {text}";
            });
        }
    }
}
