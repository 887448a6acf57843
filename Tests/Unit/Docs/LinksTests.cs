using System.Globalization;
using System.Text.RegularExpressions;

namespace Streaming.Tests.Docs;

/// <summary>What the pages point at is there.</summary>
public sealed partial class LinksTests
{
    private const int MaxReadmeBytes = 8 * 1024;

    private static readonly string[] Folders = [.. Directory.EnumerateDirectories(Pages.PathOf("")).Select(path => Path.GetFileName(path)!)];

    public static TheoryData<string> Names => [.. Pages.All];

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_lead_to_files_and_headings_that_exist(string page)
    {
        foreach (var link in Link().Matches(Pages.Read(page)).Select(match => match.Groups[1].Value).Where(link => !link.Contains(':', StringComparison.Ordinal)))
        {
            var (file, heading) = link.Split('#') is [var path, var anchor] ? (path, anchor) : (link, null);
            var target = file.Length == 0 ? page : Path.GetRelativePath(Pages.PathOf(""), Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Pages.PathOf(page))!, file)));
            Assert.True(Path.Exists(Pages.PathOf(target)), $"{page} links to {link}, which does not exist.");
            if (heading is not null)
                Assert.True(Headings(target).Contains(heading), $"{page} links to {link}, and {target} has no such heading.");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Files_and_folders_that_are_named_exist(string page)
    {
        foreach (var path in Code().Matches(Pages.Read(page)).Select(match => match.Groups[1].Value).Where(IsPath))
            Assert.True(Path.Exists(Pages.PathOf(path)), $"{page} names {path}, which does not exist.");
    }

    [Fact]
    public void Readme_is_short_and_says_how_to_start()
    {
        var readme = Pages.Read("README.md");

        Assert.True(new FileInfo(Pages.PathOf("README.md")).Length <= MaxReadmeBytes, $"README.md has more than {MaxReadmeBytes} bytes: move what is not for a first look to docs/.");
        Assert.Contains("\ndotnet run --project WebFront\n", readme, StringComparison.Ordinal);
        Assert.Contains("`./test`", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_grain_is_in_the_table_of_grains()
    {
        var page = Pages.Read("docs/architecture.md");
        Assert.All(
            OptionsClass.Types.Where(type => type.IsSubclassOf(typeof(Grain))),
            grain => Assert.Contains($"\n| `{grain.Name}` | ", page, StringComparison.Ordinal));
    }

    /// <summary>Of this repository: its first part is a folder of it. Places for something are none.</summary>
    private static bool IsPath(string text) => RepositoryPath().IsMatch(text) && Folders.Contains(text[..text.IndexOf('/', StringComparison.Ordinal)]);

    /// <summary>As GitHub names them.</summary>
    private static HashSet<string> Headings(string page) =>
    [
        .. File.ReadLines(Pages.PathOf(page)).Where(line => line.StartsWith('#'))
            .Select(line => NotInAnchors().Replace(line.TrimStart('#').Trim().ToLower(CultureInfo.InvariantCulture), "").Replace(' ', '-')),
    ];

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[\w.\-]+(/[\w.\-]+)+/?$")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
