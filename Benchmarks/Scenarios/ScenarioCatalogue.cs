using Streaming.Benchmarks.Load;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Every scenario by its name on the command line, in the order in which `all` and `cluster` run them.</summary>
internal static class ScenarioCatalogue
{
    /// <summary>Those of the embedded family, which need nothing installed.</summary>
    private const string All = "all";

    /// <summary>Those of the servers family.</summary>
    private const string Cluster = "cluster";

    private const int Seconds = 10;
    private const int ClusterSeconds = 7;

    private static readonly (string Name, string Group, Func<BenchmarkOptions, CancellationToken, Task<ScenarioResult>> RunAsync)[] Scenarios =
    [
        ("views", All, new TitleScenario("views", Increment) { CountsViews = true }.RunAsync),
        ("title", All, new TitleScenario("title", Increment) { CountsViews = true, SingleTitle = true }.RunAsync),
        ("content", All, new TitleScenario("content", (port, id) => RequestBytes.Get(port, $"/api/v1/content/{id}")).RunAsync),
        ("details", All, new TitleScenario("details", (port, id) => RequestBytes.Get(port, $"/api/v1/content/{id}/details")).RunAsync),
        ("batch", All, BatchScenario.RunAsync),
        ("start", All, StartScenario.RunAsync),
        ("memory", All, MemoryScenario.RunAsync),
        ("seed", All, SeedScenario.RunAsync),
        ("logins", All, LoginsScenario.RunAsync),
        ("uploads", All, UploadsScenario.RunAsync),
        ("upload-memory", All, UploadMemoryScenario.OfProgramAsync),
        ("cluster-views", Cluster, ClusterViewsScenario.AgainstNoopAsync),
        ("redis-incr", Cluster, ClusterViewsScenario.AgainstRedisAsync),
        ("apply", Cluster, ApplyScenario.RunAsync),
        ("membership", Cluster, MembershipScenario.RunAsync),
        ("rolling", Cluster, RollingScenario.RunAsync),
        ("silo-memory", Cluster, SiloMemoryScenario.RunAsync),
        ("cluster-upload-memory", Cluster, UploadMemoryScenario.OfFrontAsync),
    ];

    public static string[] Names => [.. Scenarios.Select(scenario => scenario.Name), All, Cluster];

    /// <summary>Of one timed run, where the command line does not say.</summary>
    public static int SecondsOf(string name) =>
        name == Cluster || Scenarios.Any(scenario => scenario.Name == name && scenario.Group == Cluster) ? ClusterSeconds : Seconds;

    /// <summary>True when every check held.</summary>
    public static async Task<bool> RunAsync(string name, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var results = new List<ScenarioResult>();
        foreach (var scenario in Scenarios.Where(scenario => name == scenario.Group || name == scenario.Name))
        {
            var result = await scenario.RunAsync(options, cancellationToken);
            Console.WriteLine(result);
            results.Add(result);
        }

        if (name is All or Cluster)
            PrintTable(results);
        return results.TrueForAll(result => result.Passed);
    }

    private static void PrintTable(IEnumerable<ScenarioResult> results)
    {
        string[][] rows =
        [
            ["scenario", "server", "compared with", "ratio", "check"],
            .. results.Select(result => new[] { result.Name, result.Server, result.Bare, result.Ratio, result.Passed ? "" : "FAILED" }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        Console.WriteLine();
        foreach (var row in rows)
            Console.WriteLine(string.Join("  ", row.Zip(widths, (cell, width) => cell.PadRight(width))).TrimEnd());
    }

    private static byte[] Increment(int port, string id) => RequestBytes.Post(port, $"/api/v1/content/{id}/views/increment");
}
