namespace Streaming.Benchmarks.Servers;

/// <summary>How to start the server; without <paramref name="Titles"/> it seeds its default catalogue.</summary>
internal sealed record ServerLaunch(string Assembly, DataFolder Folder, int? Titles)
{
    /// <summary>As environment variables, on top of those that every run has.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(120);
}
