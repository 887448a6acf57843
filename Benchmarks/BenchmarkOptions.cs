namespace Streaming.Benchmarks;

/// <summary>The command line. <paramref name="Connections"/>, <paramref name="Titles"/> and <paramref name="Rate"/> are null where the scenario's own number holds.</summary>
internal sealed record BenchmarkOptions(int Seconds, int Pairs, int? Connections, int? Titles, int Entries, int? Rate, string ServerPath)
{
    private const int DefaultTitles = 10_000;

    public int TitlesOrDefault => Titles ?? DefaultTitles;

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);
}
