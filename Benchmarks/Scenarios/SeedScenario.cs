using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>How long the first start takes when it has a large catalogue to write.</summary>
internal static class SeedScenario
{
    private const string Name = "seed";
    private const int Titles = 100_000;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    public static async Task<ScenarioResult> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var folder = new DataFolder();
        var launch = new ServerLaunch(options.ServerPath, folder, Titles) { StartTimeout = StartTimeout };
        var (time, found) = await StreamingServer.UseAsync(
            launch,
            async server => (server.StartTime, (await server.Api.ReadTitleIdsAsync(cancellationToken)).Length),
            cancellationToken);
        if (found != Titles)
            throw new BenchmarkException($"{Name}: asked for {Titles:N0} titles, found {found:N0}");

        return new ScenarioResult(
            Name,
            $"first answer after {time.TotalSeconds:N1} s with {Titles:N0} titles, data folder {folder.Size() / 1e6:N0} MB")
        {
            Server = $"{time.TotalSeconds:N1} s",
        };
    }
}
