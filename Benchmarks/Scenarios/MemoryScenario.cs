using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Resident memory once every title has been read and viewed, and after a load over all of them.</summary>
internal static class MemoryScenario
{
    private const string Name = "memory";

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        return await StreamingServer.UseAsync(
            new ServerLaunch(options.ServerPath, folder, options.TitlesOrDefault),
            server => RunAsync(server, options, cancellationToken),
            cancellationToken);
    }

    private static async Task<ScenarioResult> RunAsync(StreamingServer server, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var ids = await server.Api.ReadTitleIdsAsync(cancellationToken);
        Print("started", server);
        await server.Api.TouchAsync(ids, cancellationToken);
        Print("all titles touched", server);

        byte[][] requests = [.. ids.Select(id => RequestBytes.Post(server.Port, $"/api/v1/content/{id}/views/increment"))];
        var connections = options.Connections ?? TitleScenario.DefaultConnections;
        var load = await LoadGenerator.RunAsync(
            new LoadPlan(server.Port, requests, Zipf.Samples(ids.Length)), connections, options.Duration, cancellationToken);
        server.Process.ThrowIfExited();
        Console.WriteLine($"{Name}: load {load}");

        var (resident, peak) = (Megabytes(server, "VmRSS"), Megabytes(server, "VmHWM"));
        return new ScenarioResult(
            Name,
            $"VmRSS {resident:N0} MB, VmHWM {peak:N0} MB, {ids.Length:N0} titles, after {options.Seconds} s of views at {load.Rate:N0}/s, {connections} connections")
        {
            Server = $"{resident:N0} MB, peak {peak:N0} MB",
        };
    }

    private static void Print(string when, StreamingServer server) =>
        Console.WriteLine($"{Name}: {when}: VmRSS {Megabytes(server, "VmRSS"):N0} MB, VmHWM {Megabytes(server, "VmHWM"):N0} MB");

    private static double Megabytes(StreamingServer server, string field) => ProcessStatus.Megabytes(server.Process.Id, field);
}
