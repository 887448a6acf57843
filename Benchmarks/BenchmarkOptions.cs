namespace Streaming.Benchmarks;

/// <summary>The command line. <paramref name="Connections"/> and <paramref name="Titles"/> are null where the scenario's own number holds.</summary>
internal sealed record BenchmarkOptions(int Seconds, int Pairs, int? Connections, int? Titles, int Entries, string ServerPath)
{
    private const int DefaultTitles = 10_000;

    public int TitlesOrDefault => Titles ?? DefaultTitles;

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);
}
