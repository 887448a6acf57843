using System.CommandLine;
using System.Data.Common;
using StackExchange.Redis;
using Streaming.Benchmarks;
using Streaming.Benchmarks.Hosts;
using Streaming.Benchmarks.Scenarios;
using Streaming.Benchmarks.Servers;

var scenario = new Argument<string>("scenario") { Description = "What to measure." };
scenario.AcceptOnlyFromAmong(ScenarioCatalogue.Names);
var seconds = OwnNumber("--seconds", "Length of one timed run; 10, and 7 on the cluster, when not given.");
var pairs = Positive("--pairs", 5, "Timed runs of each side.");
var entries = Positive("--entries", 1000, "Views in one request of `batch`.");
var titles = OwnNumber("--titles", "Titles in the catalogue; 10,000, 3,000 for `membership` and 100,000 for `silo-memory`, when not given.");
var connections = OwnNumber("--connections", "Open connections; 256, 16 for `batch`, 64 for `membership`, 1,000 for `logins`, 4 for `uploads` and 20 for `upload-memory`, when not given.");
var rate = OwnNumber("--rate", "Requests a second of `rolling`; 2,000 when not given.");
var server = new Option<string?>("--server") { Description = "Path of Streaming.WebFront.dll; the solution's Release build when not given." };

var root = new RootCommand("Measures the Streaming server side by side with something simpler.") { scenario, seconds, pairs, connections, titles, entries, rate, server };
root.SetAction(async (parsed, cancellationToken) =>
{
    InlineSockets.Enable();
    try
    {
        var options = new BenchmarkOptions(
            parsed.GetValue(seconds) ?? ScenarioCatalogue.SecondsOf(parsed.GetRequiredValue(scenario)),
            parsed.GetValue(pairs),
            parsed.GetValue(connections),
            parsed.GetValue(titles),
            parsed.GetValue(entries),
            parsed.GetValue(rate),
            ServerAssembly.Find(parsed.GetValue(server)));
        return await ScenarioCatalogue.RunAsync(parsed.GetRequiredValue(scenario), options, cancellationToken) ? 0 : 1;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception e) when (e is BenchmarkException or HttpRequestException or TaskCanceledException or DbException or RedisException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});

var port = new Option<int>("--port") { Required = true };
var folder = new Option<string?>("--folder");
var bare = new Command("bare", "The endpoint that the server is compared with.") { port, folder };
bare.Hidden = true;
bare.SetAction((parsed, cancellationToken) => BareEndpoint.RunAsync(parsed.GetValue(port), parsed.GetValue(folder), cancellationToken));
root.Subcommands.Add(bare);

var redis = new Command("redis", "The Redis counter that a cluster is compared with.") { port };
redis.Hidden = true;
redis.SetAction((parsed, cancellationToken) => RedisEndpoint.RunAsync(parsed.GetValue(port), cancellationToken));
root.Subcommands.Add(redis);

var applyApart = new Option<bool>("--apply-apart");
var silo = new Command("silo", "A silo with what the harness asks of it.") { applyApart };
silo.Hidden = true;
silo.SetAction((parsed, cancellationToken) => SiloHost.RunAsync(parsed.GetValue(applyApart), cancellationToken));
root.Subcommands.Add(silo);

var front = new Command("front", "A front with what the harness asks of it.") { Hidden = true };
front.SetAction((_, cancellationToken) => FrontHost.RunAsync(cancellationToken));
root.Subcommands.Add(front);

// Longer than both children may take to end after Ctrl-C; the default of two seconds would leave them behind.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static Option<int?> OwnNumber(string name, string description)
{
    var option = new Option<int?>(name) { Description = description };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int?>() < 1)
            result.AddError($"{name} must be at least 1.");
    });
    return option;
}

static Option<int> Positive(string name, int value, string description)
{
    var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
    option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() < 1)
            result.AddError($"{name} must be at least 1.");
    });
    return option;
}
