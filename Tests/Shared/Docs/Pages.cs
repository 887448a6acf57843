using Streaming.Tests.Storage;

namespace Streaming.Tests.Docs;

/// <summary>The repository's Markdown pages, parts of which are generated from the code.</summary>
internal static class Pages
{
    private const string WriteVariable = "STREAMING_WRITE_DOCS";

    /// <summary>Every page, by its path in the repository.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Benchmarks/README.md", "deploy/README.md", "deploy/kubernetes/README.md",
        .. Directory.EnumerateFiles(PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(ServerScript.Repository, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static string PathOf(string page) => Path.Combine(ServerScript.Repository, page);

    public static string Read(string page) => File.ReadAllText(PathOf(page));

    /// <summary>Compares the part between a page's two marks with what it must be, or writes it where that is asked for.</summary>
    public static void AssertGenerated(string page, string part, string content, string test)
    {
        var (begin, end) = ($"<!-- generated: {part} -->\n", $"<!-- end of generated: {part} -->");
        var text = Read(page);
        var (from, to) = (text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, text.IndexOf(end, StringComparison.Ordinal));
        Assert.True(from >= begin.Length && to >= from, $"{page} has no part between {begin.Trim()} and {end}.");
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(PathOf(page), text[..from] + content + text[to..]);
        else if (text[from..to] != content)
            Assert.Fail($"{page} is behind the code: run {WriteVariable}=1 ./test --filter-class '*{test}', and commit the page.\n{FirstDifference(text[from..to], content)}");
    }

    private static string FirstDifference(string written, string content)
    {
        var (have, want) = (written.Split('\n'), content.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(have.Length, want.Length)).First(i => have.ElementAtOrDefault(i) != want.ElementAtOrDefault(i));
        return $"It says: {have.ElementAtOrDefault(line)}\nIt must say: {want.ElementAtOrDefault(line)}";
    }
}
