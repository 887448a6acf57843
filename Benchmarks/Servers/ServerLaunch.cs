namespace Streaming.Benchmarks.Servers;

/// <summary>How to start the server; without <paramref name="Titles"/> it seeds its default catalogue.</summary>
internal sealed record ServerLaunch(string Assembly, DataFolder Folder, int? Titles)
{
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(120);
}
