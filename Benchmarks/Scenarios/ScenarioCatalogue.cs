using Streaming.Benchmarks.Load;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Every scenario by its name on the command line, in the order in which `all` runs them.</summary>
internal static class ScenarioCatalogue
{
    public const string All = "all";

    private static readonly (string Name, Func<BenchmarkOptions, CancellationToken, Task<ScenarioResult>> RunAsync)[] Scenarios =
    [
        ("views", new TitleScenario("views", Increment) { CountsViews = true }.RunAsync),
        ("title", new TitleScenario("title", Increment) { CountsViews = true, SingleTitle = true }.RunAsync),
        ("content", new TitleScenario("content", (port, id) => RequestBytes.Get(port, $"/api/v1/content/{id}")).RunAsync),
        ("details", new TitleScenario("details", (port, id) => RequestBytes.Get(port, $"/api/v1/content/{id}/details")).RunAsync),
        ("batch", BatchScenario.RunAsync),
        ("start", StartScenario.RunAsync),
        ("memory", MemoryScenario.RunAsync),
        ("seed", SeedScenario.RunAsync),
    ];

    public static string[] Names => [.. Scenarios.Select(scenario => scenario.Name), All];

    /// <summary>True when every check held.</summary>
    public static async Task<bool> RunAsync(string name, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var results = new List<ScenarioResult>();
        foreach (var scenario in Scenarios.Where(scenario => name == All || scenario.Name == name))
        {
            var result = await scenario.RunAsync(options, cancellationToken);
            Console.WriteLine(result);
            results.Add(result);
        }

        if (name == All)
            PrintTable(results);
        return results.TrueForAll(result => result.Passed);
    }

    private static void PrintTable(IEnumerable<ScenarioResult> results)
    {
        string[][] rows =
        [
            ["scenario", "server", "bare", "ratio", "check"],
            .. results.Select(result => new[] { result.Name, result.Server, result.Bare, result.Ratio, result.Passed ? "" : "FAILED" }),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        Console.WriteLine();
        foreach (var row in rows)
            Console.WriteLine(string.Join("  ", row.Zip(widths, (cell, width) => cell.PadRight(width))).TrimEnd());
    }

    private static byte[] Increment(int port, string id) => RequestBytes.Post(port, $"/api/v1/content/{id}/views/increment");
}
