using System.Diagnostics;
using System.Net;
using System.Text.Json;
using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>
/// For longer than every time-out, stores that take connections and answer nothing; then programs that hardly get to run, as on a
/// machine that is overloaded.
/// </summary>
[Collection(ServersTests.Name)]
public sealed class HungStoreTests : IAsyncLifetime
{
    // A call to a grain waits longest, for 10 s.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(12);

    // Of the stores' time-outs of 2 s none is kept by a program that stands still for longer, and runs for so short a time in between.
    private static readonly TimeSpan[] StandStill = [TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(2.1)];
    private static readonly TimeSpan Run = TimeSpan.FromSeconds(0.1);

    // Of the loops that run every few seconds; the others may have nothing to do yet.
    private static readonly string[] OfSilo = ["audit_log", "dead_writers", "journal_apply", "redis_copies", "replica_beat", "replica_lag"];
    private static readonly string[] OfFront = ["access_poll", "audit_log", "download_meter"];

    private readonly ServersFixture stores = new();
    private readonly List<FaultyRelay> relays = [];
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await stores.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        foreach (var relay in relays)
            relay.Dispose();

        await stores.DisposeAsync();
    }

    [Fact]
    public async Task Neither_stores_that_hang_nor_overload_end_a_program_or_one_of_its_loops()
    {
        var title = Guid.NewGuid();
        await stores.AddTitleAsync(Samples.Title(title, "A title"));
        await using var cluster = new SiloCluster([.. Through()]);
        var silo = await cluster.StartSiloAsync();
        var front = await cluster.StartFrontAsync();
        var (atSilo, atFront) = (await LoopsAsync(silo), await LoopsAsync(front));
        Assert.Superset(OfSilo.ToHashSet(), atSilo.Keys.ToHashSet());
        Assert.Superset(OfFront.ToHashSet(), atFront.Keys.ToHashSet());
        await Poll.UntilAsync(async () => await ViewAsync(front) is HttpStatusCode.NotFound ? null : "the front does not answer");

        relays.ForEach(relay => relay.Hang());
        var hung = Task.Delay(Hang, Cancel);
        while (!hung.IsCompleted)
            await Task.WhenAll(ViewAsync(front), Task.Delay(TimeSpan.FromSeconds(1), Cancel));

        await AllLoopsAsync();
        relays.ForEach(relay => relay.Flow());
        await GoesOnAsync();

        var overload = Task.WhenAll(OverloadAsync(silo, StandStill[0]), OverloadAsync(front, StandStill[1]));
        while (!overload.IsCompleted)
            await Task.WhenAll(ViewAsync(front, title), Task.Delay(TimeSpan.FromSeconds(1), Cancel));

        await overload;
        await GoesOnAsync();
        Assert.DoesNotContain(silo.Output.Concat(front.Output), line => line.StartsWith("crit:", StringComparison.Ordinal));
        await front.StopAsync();
        await silo.StopAsync();

        async Task GoesOnAsync()
        {
            var resumed = DateTimeOffset.UtcNow;
            await Poll.UntilAsync(async () => await SilentAsync(silo, OfSilo, resumed) ?? await SilentAsync(front, OfFront, resumed));
            await Poll.UntilAsync(async () => await ViewAsync(front) is HttpStatusCode.NotFound ? null : "the front does not answer again");
            await Poll.UntilAsync(async () => await ViewAsync(front, title) is HttpStatusCode.OK ? null : "no view is acknowledged");
            await AllLoopsAsync();
        }

        async Task AllLoopsAsync()
        {
            Assert.Equal(atSilo.Keys, (await LoopsAsync(silo)).Keys);
            Assert.Equal(atFront.Keys, (await LoopsAsync(front)).Keys);
        }
    }

    /// <summary>Lets a program run for a moment now and then.</summary>
    private static async Task OverloadAsync(ProgramProcess program, TimeSpan standStill)
    {
        for (var begun = Stopwatch.StartNew(); begun.Elapsed < Hang;)
        {
            program.Signal(NativeMethods.Stop);
            await Task.Delay(standStill, Cancel);
            program.Signal(NativeMethods.Continue);
            await Task.Delay(Run, Cancel);
        }
    }

    /// <summary>Of a title that nobody has, unless one is given: the silo asks its store.</summary>
    private async Task<HttpStatusCode> ViewAsync(FrontProcess front, Guid? title = null)
    {
        using var answer = await http.PostAsync(new Uri(front.Address, $"/api/v1/content/{title ?? Guid.NewGuid()}/views/increment"), null, Cancel);
        return answer.StatusCode;
    }

    private async Task<string?> SilentAsync(ProgramProcess program, string[] names, DateTimeOffset since)
    {
        var loops = await LoopsAsync(program);
        return names.FirstOrDefault(name => !(loops.TryGetValue(name, out var success) && success > since)) is { } silent
            ? $"{silent} of {program.GetType().Name} is silent"
            : null;
    }

    private async Task<SortedDictionary<string, DateTimeOffset?>> LoopsAsync(ProgramProcess program)
    {
        using var answer = await http.GetAsync(new Uri(program.Address, "/health/ready"), Cancel);
        using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return new(health.RootElement.GetProperty("background").EnumerateObject().ToDictionary(
            loop => loop.Name, loop => loop.Value.GetProperty("last_success").Deserialize<DateTimeOffset?>()));
    }

    /// <summary>The settings with a relay before each server, and short time-outs.</summary>
    private IEnumerable<(string Name, string Value)> Through()
    {
        // The databases keep who they replicate from: nothing of this test may stand there.
        yield return ("Storage__Migrate", "false");
        yield return ("ConnectionStrings__Metadata", Postgres(TestServers.Metadata));
        yield return ("ConnectionStrings__Analytics", Postgres(TestServers.Analytics));
        yield return ("ConnectionStrings__AnalyticsReplica", Postgres(TestServers.Replica));
        yield return ("ConnectionStrings__Orleans", Postgres(TestServers.Orleans));

        var mongo = new MongoUrlBuilder(TestServers.Mongo);
        mongo.Server = new MongoServerAddress("127.0.0.1", Relay(mongo.Server.Host, mongo.Server.Port));
        yield return ("ConnectionStrings__Mongo", mongo.ToString());

        var redis = ConfigurationOptions.Parse(TestServers.Redis);
        var (host, port) = redis.EndPoints[0] switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            var other => throw new NotSupportedException($"{other}"),
        };
        redis.EndPoints.Clear();
        redis.EndPoints.Add("127.0.0.1", Relay(host, port));
        yield return ("ConnectionStrings__Redis", redis.ToString(includePassword: true));
    }

    private string Postgres(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 2, CommandTimeout = 2 };
        (builder.Host, builder.Port) = ("127.0.0.1", Relay(builder.Host!, builder.Port));
        return builder.ConnectionString;
    }

    private int Relay(string host, int port)
    {
        var relay = new FaultyRelay(host, port);
        relays.Add(relay);
        return relay.Port;
    }
}
