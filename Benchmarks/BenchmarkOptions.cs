namespace Streaming.Benchmarks;

/// <summary>The command line. <paramref name="Connections"/> is null where the scenario's own number holds.</summary>
internal sealed record BenchmarkOptions(int Seconds, int Pairs, int? Connections, int Titles, int Entries, string ServerPath)
{
    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);
}
