using System.CommandLine;
using Streaming.Benchmarks;
using Streaming.Benchmarks.Scenarios;
using Streaming.Benchmarks.Servers;

var scenario = new Argument<string>("scenario") { Description = "What to measure." };
scenario.AcceptOnlyFromAmong(ScenarioCatalogue.Names);
var seconds = Positive("--seconds", 10, "Length of one timed run.");
var pairs = Positive("--pairs", 5, "Timed runs of each side.");
var titles = Positive("--titles", 10_000, "Titles that the server seeds.");
var entries = Positive("--entries", 1000, "Views in one request of `batch`.");
var connections = new Option<int?>("--connections") { Description = "Open connections; 256, and 16 for `batch`, when not given." };
connections.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int?>() < 1)
        result.AddError("--connections must be at least 1.");
});
var server = new Option<string?>("--server") { Description = "Path of Streaming.WebFront.dll; the solution's Release build when not given." };

var root = new RootCommand("Measures the Streaming server side by side with a bare Kestrel endpoint.") { scenario, seconds, pairs, connections, titles, entries, server };
root.SetAction(async (parsed, cancellationToken) =>
{
    InlineSockets.Enable();
    try
    {
        var options = new BenchmarkOptions(
            parsed.GetValue(seconds),
            parsed.GetValue(pairs),
            parsed.GetValue(connections),
            parsed.GetValue(titles),
            parsed.GetValue(entries),
            ServerAssembly.Find(parsed.GetValue(server)));
        return await ScenarioCatalogue.RunAsync(parsed.GetRequiredValue(scenario), options, cancellationToken) ? 0 : 1;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception e) when (e is BenchmarkException or HttpRequestException or TaskCanceledException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});

var port = new Option<int>("--port") { Required = true };
var bare = new Command("bare", "The endpoint that the server is compared with.") { port };
bare.Hidden = true;
bare.SetAction((parsed, cancellationToken) => BareEndpoint.RunAsync(parsed.GetValue(port), cancellationToken));
root.Subcommands.Add(bare);

// Longer than both children may take to end after Ctrl-C; the default of two seconds would leave them behind.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

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
