namespace Streaming.Benchmarks.Scenarios;

/// <summary>A scenario's closing line, and the same in the cells of the table that ends `all`.</summary>
internal sealed record ScenarioResult(string Name, string Line)
{
    public required string Server { get; init; }
    public string Bare { get; init; } = "-";
    public string Ratio { get; init; } = "-";
    public bool Passed { get; init; } = true;

    public override string ToString() => $"{Name}: {Line}";
}
